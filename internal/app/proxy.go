package app

import (
	"net/http"
	"net/netip"
	"strings"
)

// behindProxy lets the pages see where people really come from when a web
// server of the same machine passes them on: otherwise all wrong passwords
// would count against one address. Only a proxy on the loopback is believed,
// and of what it says only the last hop, which is the one it saw itself.
func behindProxy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && peer.Addr().Unmap().IsLoopback() {
			hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
			if addr, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1])); err == nil {
				r = r.Clone(r.Context())
				r.RemoteAddr = netip.AddrPortFrom(addr.Unmap(), peer.Port()).String()
			}
		}
		next.ServeHTTP(w, r)
	})
}
