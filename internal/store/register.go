package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/publisher"
)

// Pages implements publisher.Register: the pages of the register, with what
// their keys allow. A key that its last check refused counts as absent.
func (s *Store) Pages(ctx context.Context) ([]publisher.Page, error) {
	list, err := collect(ctx, s.read, scanPage, `SELECT s.id, s.network, s.external_id, s.settings, s.title, s.url, g.zone, g.organisation, g.ogrn, g.level, g.sphere,
		g.category, g.gosmark, g.widgets, g.norm, g.silent, g.gap FROM pages g JOIN sources s ON s.id = g.source_id WHERE s.active = 1 ORDER BY s.title, s.id`)
	if err != nil {
		return nil, err
	}
	type key struct {
		source string
		kind   sources.KeyKind
		ends   time.Time
	}
	keys, err := collect(ctx, s.read, func(r *sql.Rows) (key, error) {
		var k key
		var kind string
		var ends int64
		err := r.Scan(&k.source, &kind, &ends)
		k.kind, k.ends = sources.KeyKind(kind), moment(ends)
		return k, err
	}, "SELECT source_id, kind, expires_us FROM source_keys WHERE trouble = ''")
	if err != nil {
		return nil, err
	}
	for i := range list {
		p := &list[i]
		var held []publisher.KeyEnd
		for _, k := range keys {
			if k.source != p.ID {
				continue
			}
			held = append(held, publisher.KeyEnd{Ends: k.ends, Kit: publisher.Kit{
				Service: k.kind == sources.ServiceKey, Community: k.kind == sources.CommunityKey, Admin: k.kind == sources.AdminKey, Bot: k.kind == sources.BotKey,
			}})
		}
		p.Keys(held)
	}
	return list, nil
}

func scanPage(r *sql.Rows) (publisher.Page, error) {
	var p publisher.Page
	var network, settings, zone, category, widgets string
	var gosmark, silent int
	var gap int64
	if err := r.Scan(&p.ID, &network, &p.Owner, &settings, &p.Title, &p.URL, &zone, &p.Organisation, &p.OGRN, &p.Level, &p.Sphere,
		&category, &gosmark, &widgets, &p.Norm, &silent, &gap); err != nil {
		return p, err
	}
	p.Network, p.Category, p.GosMark, p.Silent = social.Network(network), publisher.Category(category), gosmark == 1, silent == 1
	p.Gap = time.Duration(gap) * time.Minute
	var x sources.Settings
	err := errors.Join(json.Unmarshal([]byte(widgets), &p.Widgets), json.Unmarshal([]byte(settings), &x))
	p.Chat, p.Handle = standsUnder(p, x)
	if zone != "" {
		var zerr error
		p.Zone, zerr = time.LoadLocation(zone)
		err = errors.Join(err, zerr)
	}
	return p, err
}

// standsUnder is the owner of a page's posts, and the channel's public name.
func standsUnder(p publisher.Page, x sources.Settings) (chat, handle string) {
	if p.Network == social.VK {
		return "-" + strings.TrimPrefix(p.Owner, "-"), ""
	}
	handle, named := strings.CutPrefix(p.Owner, "@")
	if !named {
		chat, handle = p.Owner, ""
	}
	if x.ChannelID != 0 {
		chat = strconv.FormatInt(x.ChannelID, 10)
	}
	if x.Seen != nil {
		chat, handle = strconv.FormatInt(x.Seen.ID, 10), x.Seen.Username
	}
	return chat, handle
}

// SavePage writes what people say of a page. May: rights.ManagePages.
// Errors: Forbidden, NotFound when there is no such source, Invalid.
func (s *Store) SavePage(ctx context.Context, by rights.Actor, p publisher.Page, now time.Time) error {
	if !by.Can(rights.ManagePages) {
		return errs.New(errs.Forbidden, "Реестр страниц ведут администратор и пресс-служба.")
	}
	if err := p.Check(); err != nil {
		return err
	}
	widgets, err := json.Marshal(p.Widgets)
	if err != nil {
		return err
	}
	zone := ""
	if p.Zone != nil {
		zone = p.Zone.String()
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM sources WHERE id = $1", p.ID).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return errs.New(errs.NotFound, "Такой страницы нет. Обновите список страниц.")
		}
		if _, err := tx.exec(ctx, `INSERT INTO pages (source_id, zone, organisation, ogrn, level, sphere, category, gosmark, widgets, norm, silent, edited_us, gap)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (source_id) DO UPDATE SET zone = excluded.zone,
			organisation = excluded.organisation, ogrn = excluded.ogrn, level = excluded.level, sphere = excluded.sphere, category = excluded.category,
			gosmark = excluded.gosmark, widgets = excluded.widgets, norm = excluded.norm, silent = excluded.silent, edited_us = excluded.edited_us, gap = excluded.gap`,
			p.ID, zone, p.Organisation, p.OGRN, p.Level, p.Sphere, string(p.Category), flag(p.GosMark), string(widgets), p.Norm, flag(p.Silent), tx.us, int64(p.Gap/time.Minute)); err != nil {
			return err
		}
		return tx.bump(ctx, "posts")
	})
}
