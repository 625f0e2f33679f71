package sources

import "otklik/internal/errs"

// Clash says why a source cannot stand beside those that are connected already.
// Errors: Conflict with what to do.
func Clash(connected []Source, x Source) error {
	for _, s := range connected {
		if s.ID == x.ID || s.Removed || s.Kind.Network() != x.Kind.Network() {
			continue
		}
		if s.ExternalID == x.ExternalID || x.Settings.ChannelID != 0 && s.Settings.ChannelID == x.Settings.ChannelID {
			return errs.Newf(errs.Conflict, "Эта страница уже подключена: «%s». Чтобы сменить ключ, откройте её в «Источниках».", s.Title)
		}
		if bot, ok := x.Key(BotKey); ok && bot.Fingerprint != "" {
			if other, has := s.Key(BotKey); has && other.Fingerprint == bot.Fingerprint {
				return errs.Newf(errs.Conflict, "Этот бот уже читает канал «%s». Каждому каналу нужен свой бот: иначе они отнимают обновления друг у друга. Создайте ещё одного у @BotFather.", s.Title)
			}
		}
	}
	return nil
}
