package media

import (
	"fmt"
	"net/netip"
	"syscall"
)

// reserved are the ranges within the public ones that lead somewhere else
// than to the public internet, or only pretend to (IANA special-purpose
// registries). What net/netip knows by itself is not repeated.
func reserved() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// public says that an address belongs to somebody on the public internet. Of
// IPv6 only what is given out for it counts, so that no translation into IPv4
// leads back inside.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" {
		return false
	}
	if a.Is6() && !netip.MustParsePrefix("2000::/3").Contains(a) {
		return false
	}
	for _, p := range reserved() {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// onlyPublic is a net.Dialer.Control: it sees the address that is really about
// to be connected to, whatever the name stood for a moment ago.
func onlyPublic(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !public(at.Addr()) || at.Port() != 443 {
		return refused(badAddress, fmt.Errorf("%s is not a public address", address))
	}
	return nil
}
