// @ts-check
// A notice on the desktop and a sound for new alarms, where a person has asked
// for them on this computer. The strip over the page says the same to everybody.
import { load } from './http.js';

const EVERY = 60_000; // ms between two looks while the page is hidden
const KEPT = 200; // alarms that are remembered as told

/** @param {string} name */
const chosen = (name) => localStorage.getItem('alarms.' + name) === '1';

/** Starts on every page of somebody who is signed in. */
export function alarms() {
  choices();
  tell(document);
  // A hidden page holds no stream of news, and is the one that has to call.
  setInterval(async () => {
    if (!document.hidden || !chosen('notify') && !chosen('sound')) return;
    try {
      tell(await load('/rail'));
    } catch {
      // The next look tries again.
    }
  }, EVERY);
}

/** The two boxes of the page of alarms. */
function choices() {
  const box = document.getElementById('alarm-choice');
  if (!box) return;
  for (const el of box.querySelectorAll('input')) {
    const name = el.dataset.alarm ?? '';
    if (name === 'notify' && !('Notification' in window)) {
      el.closest('label')?.remove();
      continue;
    }
    el.checked = chosen(name) && (name !== 'notify' || Notification.permission === 'granted');
    el.addEventListener('change', async () => {
      if (el.checked && name === 'notify' && await Notification.requestPermission() !== 'granted') {
        el.checked = false;
        el.title = 'Браузер не разрешает уведомления: разрешите их для этой страницы в его настройках.';
      }
      if (el.checked && name === 'sound') beep();
      localStorage.setItem('alarms.' + name, el.checked ? '1' : '0');
    });
  }
  box.hidden = false;
}

/**
 * Tells of the alarms in the strip that no page of this browser has told of.
 * @param {Document} doc
 */
export function tell(doc) {
  const strip = doc.getElementById('strip');
  const ids = (strip?.dataset.loud ?? '').split(' ').filter(Boolean);
  /** @type {string[]} */
  const told = JSON.parse(localStorage.getItem('alarms.told') ?? '[]');
  const fresh = ids.filter((id) => !told.includes(id));
  if (fresh.length === 0) return;
  localStorage.setItem('alarms.told', JSON.stringify([...told, ...fresh].slice(-KEPT)));
  if (chosen('sound')) beep();
  if (!chosen('notify') || !('Notification' in window) || Notification.permission !== 'granted') return;
  const notice = new Notification('Отклик: тревога', { body: strip?.dataset.text ?? '', tag: 'otklik-alarm' });
  notice.onclick = () => {
    window.focus();
    location.href = '/alarms';
  };
}

function beep() {
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  const volume = sound.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.15, sound.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.6);
  tone.connect(volume).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.6);
  tone.onended = () => sound.close();
}
