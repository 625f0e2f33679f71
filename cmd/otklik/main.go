// Command otklik is the whole program: see "otklik --help".
package main

func main() {}
