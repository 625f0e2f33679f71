package vk_test

import (
	"errors"
	"strings"
	"testing"

	"otklik/collectors"
	"otklik/collectors/vk"
	netvk "otklik/internal/network/vk"
	"otklik/internal/sim/record"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Must(b.AddToken(simvk.Token{
		Value: "messages-only", Kind: simvk.CommunityToken, CommunityID: vktest.GroupID, Scopes: []string{"messages"},
	}))
	community := client(b.Network, netvk.CommunityKey, vktest.CommunityToken)
	reader := client(b.Network, netvk.ServiceKey, vktest.ServiceToken)
	for name, tc := range map[string]struct {
		options vk.CheckOptions
		can     string // listen, list, answer
		why     string
	}{
		"all keys":     {vk.CheckOptions{Community: community, Reader: reader}, "+++", ""},
		"one key":      {vk.CheckOptions{Community: community}, "+-+", "Укажите сервисный ключ"},
		"no community": {vk.CheckOptions{Reader: reader}, "-+-", "Укажите ключ сообщества"},
		"poor key": {
			vk.CheckOptions{Community: client(b.Network, netvk.CommunityKey, "messages-only"), Reader: reader}, "-+-", "нет права «Стена»",
		},
		"wrong reader": {
			vk.CheckOptions{Community: community, Reader: client(b.Network, netvk.ServiceKey, "nonsense")}, "+-+", "не принимает сервисный ключ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.options.GroupID = vktest.GroupID
			r, err := vk.Check(t.Context(), tc.options)
			if err != nil {
				t.Fatal(err)
			}
			can, why := "", ""
			for _, a := range r.Abilities {
				if why += a.Why; a.Can {
					can += "+"
				} else {
					can += "-"
				}
			}
			if can != tc.can || !strings.Contains(why, tc.why) || r.Name != "Администрация Речного района" || r.URL != "https://vk.com/club101" {
				t.Errorf("the report is %+v", r)
			}
		})
	}
}

func TestCheckTellsWhatToTick(t *testing.T) {
	t.Parallel()
	b := setup(t)
	options := vk.CheckOptions{GroupID: vktest.GroupID, Community: client(b.Network, netvk.CommunityKey, vktest.CommunityToken)}
	b.SetLongPoll(vktest.GroupID, true, map[string]bool{"wall_reply_edit": false})
	r, err := vk.Check(t.Context(), options)
	if err != nil || !r.Abilities[0].Can || !strings.Contains(r.Abilities[0].Why, "редактирование") {
		t.Errorf("%+v, %v", r, err)
	}
	b.SetLongPoll(vktest.GroupID, false, nil)
	r, err = vk.Check(t.Context(), options)
	if err != nil || r.Abilities[0].Can || !strings.Contains(r.Abilities[0].Why, "выключен") {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, tc := range map[string]struct {
		options vk.CheckOptions
		part    string
	}{
		"no key":            {vk.CheckOptions{GroupID: vktest.GroupID}, "не указан ни один ключ"},
		"wrong key":         {vk.CheckOptions{GroupID: vktest.GroupID, Community: client(b.Network, netvk.CommunityKey, "nonsense")}, "отозван"},
		"another community": {vk.CheckOptions{GroupID: vktest.GroupID, Community: client(b.Network, netvk.CommunityKey, vktest.OtherToken)}, "другому сообществу"},
		"no such community": {vk.CheckOptions{GroupID: 999, Reader: client(b.Network, netvk.ServiceKey, vktest.ServiceToken)}, "нет"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := vk.Check(t.Context(), tc.options)
			wantTrouble(t, err, collectors.Denied, tc.part)
		})
	}
}

// A network that does not answer a part of the check says nothing of the key:
// the check fails as a whole, so that no ability is taken for lost.
func TestCheckOfANetworkThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"groups.getLongPollServer", "wall.get", "groups.getTokenPermissions"} {
		b := setup(t)
		b.Faults().Add(record.Fault{Method: method, Kind: record.FaultStatus, Code: 502, Count: 100})
		_, err := vk.Check(t.Context(), vk.CheckOptions{
			GroupID: vktest.GroupID, Community: client(b.Network, netvk.CommunityKey, vktest.CommunityToken), Reader: client(b.Network, netvk.ServiceKey, vktest.ServiceToken),
		})
		var trouble *collectors.Trouble
		if !errors.As(err, &trouble) || trouble.Kind == collectors.Denied {
			t.Errorf("%s: %v", method, err)
		}
	}
}
