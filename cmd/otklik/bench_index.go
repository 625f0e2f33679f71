package main

type benchIndexCmd struct{ benchInput }
type benchSearchCmd struct{ benchInput }

func (c *benchIndexCmd) Run(e *environment) error { return nil }
func (c *benchSearchCmd) Run(e *environment) error { return nil }
