package demo

import "otklik/internal/rights"

// Agency is the name of the demo's agency.
const Agency = "Администрация города Приреченска"

// password is the same for everyone in the demo; it is printed at the start.
const password = "otklik-demo"

// employee is a person of the demo's agency.
type employee struct {
	name, email string
	role        rights.Role
	department  string // the id of a department of the starter dictionary
}

func employees() []employee {
	return []employee{
		{"Дарья Кольцова", "moderator@demo.otklik", rights.Moderator, ""},
		{"Илья Гордеев", "coordinator@demo.otklik", rights.Coordinator, ""},
		{"Антон Журавлёв", "zkh@demo.otklik", rights.Executor, "zkh"},
		{"Сергей Воронин", "teplo@demo.otklik", rights.Executor, "gkh-energy"},
		{"Ирина Белова", "dorogi@demo.otklik", rights.Executor, "dorogi"},
		{"Павел Рогожин", "transport@demo.otklik", rights.Executor, "transport"},
		{"Роман Тихонов", "blago@demo.otklik", rights.Executor, "blago"},
		{"Алла Стрельцова", "eco@demo.otklik", rights.Executor, "ecology"},
		{"Нина Фёдорова", "obraz@demo.otklik", rights.Executor, "obraz"},
		{"Михаил Лосев", "zdrav@demo.otklik", rights.Executor, "zdrav"},
		{"Вера Лаптева", "head@demo.otklik", rights.Head, ""},
		{"Марина Сухова", "press@demo.otklik", rights.PressOfficer, ""},
		{"Егор Мальцев", "press2@demo.otklik", rights.PressOfficer, ""},
		{"Олег Панфилов", "curator@demo.otklik", rights.Curator, ""},
		{"Тимур Хасанов", "admin@demo.otklik", rights.Administrator, ""},
	}
}
