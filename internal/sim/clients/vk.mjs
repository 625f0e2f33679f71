// Drives the simulated VK with vk-io.

import http from "node:http";
import { APIError, Keyboard, VK } from "vk-io";
import { admin, arrived, base, check, expect, refused, world } from "./checks.mjs";

const { owner, group, post, user, keys } = world.vk;
const agent = new http.Agent({ keepAlive: true });
const as = (token, more = {}) => new VK({
  token, apiBaseUrl: `${base}/method`, apiVersion: "5.131", agent, pollingGroupId: group, apiRetryLimit: 0, ...more,
});
const community = as(keys.community);
const service = as(keys.service);
const person = as(keys.admin);

await check("get: the wall, a post, its comments", async () => {
  const wall = await service.api.wall.get({ owner_id: owner, count: 10 });
  expect(wall.count >= 1 && wall.items.some((p) => p.id === post), JSON.stringify(wall));
  const [one] = await service.api.wall.getById({ posts: `${owner}_${post}` });
  expect(one.id === post, JSON.stringify(one));
  const comments = await service.api.wall.getComments({ owner_id: owner, post_id: post, preview_length: 0, thread_items_count: 10 });
  expect(comments.count === comments.items.length, JSON.stringify(comments));
});

await check("names: users.get and groups.getById", async () => {
  const [one] = await service.api.users.get({ user_ids: [user] });
  expect(one.id === user && one.first_name.length > 0, JSON.stringify(one));
  const [page] = await service.api.groups.getById({ group_id: String(group) });
  expect(page.id === group, JSON.stringify(page));
});

await check("kinds of keys: a community may not read the wall", async () => {
  const error = await refused(community.api.wall.get({ owner_id: owner }));
  expect(error instanceof APIError && error.code === 27, String(error));
});

await check("post: as the community, with guid", async () => {
  const { post_id: id } = await person.api.wall.post({ owner_id: owner, from_group: 1, message: "Завтра отключат воду", guid: "vk-io-1" });
  const { post_id: same } = await person.api.wall.post({ owner_id: owner, from_group: 1, message: "Завтра отключат воду", guid: "vk-io-1" });
  expect(id > 0 && same === id, `${id} and ${same}`);
});

await check("comment: an answer in the thread", async () => {
  const { comment_id: id } = await community.api.wall.createComment({
    owner_id: owner, post_id: post, from_group: group, message: "Бригада выехала", guid: "vk-io-2",
  });
  const comments = await service.api.wall.getComments({ owner_id: owner, post_id: post, count: 100, sort: "desc" });
  expect(comments.items.some((c) => c.id === id && c.from_id === owner), JSON.stringify(comments));
});

await check("long poll: a citizen's comment arrives", async () => {
  const seen = [];
  community.updates.on("comment", (context) => seen.push(context));
  await community.updates.startPolling();
  try {
    await admin("vk/comments", { owner_id: owner, post_id: post, from_id: user, text: "Через long poll" });
    const context = await arrived(seen, (c) => c.text === "Через long poll", "the comment");
    expect(context.fromId === user && context.objectId === post, JSON.stringify(context));
  } finally {
    await community.updates.stop();
  }
});

await check("poll: created, voted in, read", async () => {
  const poll = await person.api.polls.create({ owner_id: owner, question: "Где лавки?", add_answers: JSON.stringify(["Парк", "Двор"]) });
  await admin(`vk/polls/${poll.owner_id}/${poll.id}/votes`, { user_id: user, answer_ids: [poll.answers[1].id] });
  const voted = await person.api.polls.getById({ owner_id: poll.owner_id, poll_id: poll.id });
  expect(voted.votes === 1 && voted.answers[1].votes === 1, JSON.stringify(voted));
});

await check("upload: a photo for the wall", async () => {
  const photo = await person.upload.wallPhoto({
    group_id: group, source: { value: Buffer.from(world.picture, "base64"), filename: "photo.png", contentType: "image/png" },
  });
  expect(String(photo).startsWith("photo"), String(photo));
});

await check("messages: a citizen writes, the community answers with a keyboard", async () => {
  const error = await refused(community.api.messages.send({ peer_id: user, message: "Здравствуйте", random_id: 76 }));
  expect(error instanceof APIError && error.code === 901, String(error));
  await admin("vk/messages", { group_id: group, from_id: user, text: "Нет воды" });
  const keyboard = Keyboard.keyboard([Keyboard.textButton({ label: "Спасибо", payload: { rate: 5 } })]).inline();
  const id = await community.api.messages.send({ peer_id: user, message: "Бригада выехала", random_id: 77, keyboard });
  const same = await community.api.messages.send({ peer_id: user, message: "Бригада выехала", random_id: 77, keyboard });
  expect(id > 0 && same === id, `${id} and ${same}`);
});

await check("callback: the address is confirmed, an event comes with the secret", async () => {
  const { code } = await community.api.groups.getCallbackConfirmationCode({ group_id: group });
  const seen = [];
  const hooked = as(keys.community, { webhookSecret: "s3cret", webhookConfirmation: code });
  hooked.updates.on("comment", (context) => seen.push(context));
  const server = http.createServer(hooked.updates.getWebhookCallback());
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    const { server_id: id } = await community.api.groups.addCallbackServer({
      group_id: group, url: `http://127.0.0.1:${server.address().port}/`, title: "vkio", secret_key: "s3cret",
    });
    await community.api.groups.setCallbackSettings({ group_id: group, server_id: id, api_version: "5.131", wall_reply_new: 1 });
    let status;
    for (let i = 0; i < 10 && status !== "ok"; i++) {
      status = (await person.api.groups.getCallbackServers({ group_id: group, server_ids: [id] })).items[0].status;
    }
    expect(status === "ok", `the address is ${status}`);
    await admin("vk/comments", { owner_id: owner, post_id: post, from_id: user, text: "Через callback" });
    await arrived(seen, (c) => c.text === "Через callback", "the comment");
    await community.api.groups.deleteCallbackServer({ group_id: group, server_id: id });
  } finally {
    server.close();
  }
});

await check("messages: a button is pressed and answered; the history; a photo", async () => {
  const seen = [];
  community.updates.on("message_new", (c) => seen.push(c));
  community.updates.on("message_event", (c) => seen.push(c));
  await community.updates.startPolling();
  try {
    await admin("vk/messages", { group_id: group, from_id: user, text: "Начать" });
    const first = await arrived(seen, (c) => c.text === "Начать", "the message");
    const keyboard = Keyboard.builder().inline().callbackButton({ label: "Статус", payload: { case: 7 } });
    const asked = await first.send({ message: "Выберите", keyboard });
    await admin(`vk/messages/${group}/${user}/press`, { message_id: asked.id, row: 0, column: 0 });
    const pressed = await arrived(seen, (c) => c.type === "message_event", "the press");
    expect(pressed.eventPayload.case === 7, JSON.stringify(pressed));
    await pressed.answer({ type: "show_snackbar", text: "В работе" });
    const history = await community.api.messages.getHistory({ peer_id: user, extended: 1 });
    expect(history.items[0].id === asked.id && history.items[1].text === "Начать", JSON.stringify(history));
    const photo = await community.upload.messagePhoto({ peer_id: user, source: { value: Buffer.from(world.picture, "base64"), filename: "p.png" } });
    await community.api.messages.send({ peer_id: user, random_id: 8, attachment: String(photo) });
  } finally {
    await community.updates.stop();
  }
});

agent.destroy();
