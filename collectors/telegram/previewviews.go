package telegram

import (
	"context"
	"slices"

	"otklik/collectors"
)

// viewPages is how many pages one question about views may ask for.
const viewPages = 10

// Views tells how many people saw posts of a channel by its public page, which
// rounds numbers above a thousand. Posts that the page does not show are left
// out; so are all, where it takes more than ten pages to find them.
// Errors: *collectors.Trouble, also where the channel has no public page.
func Views(ctx context.Context, o PreviewOptions, ids []int64) (map[int64]int, error) {
	s := NewPreview(o)
	left := slices.Clone(ids)
	slices.Sort(left)
	out := map[int64]int{}
	for range viewPages {
		if len(left) == 0 {
			break
		}
		raw, err := s.client.get(ctx, s.opt.Channel, left[len(left)-1]+1)
		if err != nil {
			return nil, err
		}
		page := readPreview(raw, s.opt.Channel)
		if !page.Known {
			return nil, &collectors.Trouble{Kind: collectors.Denied, Message: "У канала нет открытой страницы, поэтому просмотры его постов не узнать."}
		}
		lowest := left[len(left)-1]
		for _, p := range page.Posts {
			lowest = min(lowest, p.ID)
			// An album stands as its first message, whichever of them is meant.
			for id := p.ID; id < p.ID+max(p.Members, 1); id++ {
				if slices.Contains(left, id) {
					out[id] = p.Views
				}
			}
		}
		left = slices.DeleteFunc(left, func(id int64) bool { return id >= lowest })
		if !page.More {
			break
		}
	}
	return out, nil
}
