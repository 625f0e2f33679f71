package sign

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"os/exec"
	"time"

	"otklik/internal/errs"

	"github.com/smallstep/pkcs7"
)

const (
	commandTime = 30 * time.Second
	// mostSignature bounds what a provider may answer.
	mostSignature = 1 << 20
)

// Command signs through a program of a provider, which holds the key: it is
// given the text on its standard input and writes the detached signature, DER or
// PEM, to its standard output. It is started without a shell.
type Command struct {
	// Name and Args are set by the administrator in the file of settings.
	Name string
	Args []string
}

// Holder implements Signer: it is known from the signature only.
func (Command) Holder() Certificate { return Certificate{} }

// Sign implements Signer.
func (c Command) Sign(ctx context.Context, content []byte, now time.Time) (Signature, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.Name, c.Args...)
	cmd.Stdin = bytes.NewReader(content)
	out := bounded{most: mostSignature}
	said := bounded{most: 4 << 10}
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return Signature{}, errs.Wrap(errs.Unavailable, "Программа подписи не ответила или отказала. Проверьте ключ и настройку «sign.command».", errors.Join(err, errors.New(said.String())))
	}
	der := out.Bytes()
	if block, _ := pem.Decode(der); block != nil {
		der = block.Bytes
	}
	p, err := pkcs7.Parse(der)
	if err != nil || len(der) == 0 {
		return Signature{}, errs.Wrap(errs.Unavailable, "Программа подписи вернула не подпись CMS. Проверьте настройку «sign.command».", err)
	}
	if len(p.Content) > 0 {
		return Signature{}, errs.New(errs.Unavailable, "Программа подписи вернула подпись вместе с текстом. Нужна отсоединённая: проверьте ключи команды.")
	}
	s := Signature{DER: der, SignedAt: now}
	if holder := p.GetOnlySigner(); holder != nil {
		s.By = describe(holder)
		if why, bad := s.By.Trouble(now); bad {
			return Signature{}, errs.New(errs.Invalid, why)
		}
	}
	return s, nil
}

// bounded keeps the beginning of what is written and refuses the rest.
type bounded struct {
	bytes.Buffer
	most int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		return 0, errors.New("too much output")
	}
	return b.Buffer.Write(p)
}
