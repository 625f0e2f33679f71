package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"otklik/internal/demo"
	"otklik/internal/errs"
	"otklik/internal/social"
)

type simCmd struct {
	Listen string     `default:"127.0.0.1:8090" help:"Адрес имитаторов; они никого не проверяют, поэтому только эта машина."`
	Limits bool       `default:"true" negatable:"" help:"Ограничивать частоту вызовов, как сети."`
	Feed   bool       `help:"Пусть жители пишут сами."`
	Faults faultFlags `embed:""`
	Config bool       `help:"Напечатать настройки для otklik serve и выйти."`
}

// Run serves both simulated networks until it is told to stop.
func (c *simCmd) Run(e *environment) error {
	faults, err := c.Faults.load()
	if err != nil {
		return err
	}
	address := c.Listen
	var l net.Listener
	if !c.Config {
		if l, err = net.Listen("tcp", c.Listen); err != nil {
			return errs.Wrap(errs.Unavailable, "Адрес "+c.Listen+" занят или недоступен. Укажите другой в --listen.", err)
		}
		defer func() { _ = l.Close() }()
		address = reachable(c.Listen, l.Addr())
	}
	base := "http://" + address
	world, err := demo.NewWorld(func() string { return base }, c.Limits, time.UTC, uint64(time.Now().UnixNano()), demo.FreshID(time.Now()))
	if err != nil {
		return err
	}
	defer world.Sim.Close()
	if c.Config {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		return enc.Encode(world.ServeConfig(base))
	}
	if _, err := world.TellHistory(); err != nil {
		return err
	}
	world.Sim.Play(faults)
	srv := &http.Server{Handler: world.Sim.Handler(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	fmt.Fprintf(e.out, "Имитатор сетей: %s\nНастройки для программы: otklik sim --listen %s --config\n", base, address)
	if c.Feed {
		go world.Feed(e.ctx, e.log, func(social.Ref, time.Time) {})
	}
	select {
	case err := <-failed:
		return err
	case <-e.ctx.Done():
		return srv.Close()
	}
}

// reachable is the address as the program on this machine types it: the host
// that was asked for, with the port that was got.
func reachable(asked string, got net.Addr) string {
	host, _, _ := net.SplitHostPort(asked)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	_, port, _ := net.SplitHostPort(got.String())
	return net.JoinHostPort(host, port)
}
