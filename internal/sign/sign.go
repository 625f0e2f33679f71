// Package sign puts a detached signature (CMS, RFC 5652) on the text of an
// answer: with the certificate and key of the organisation, or, where the law
// asks for ГОСТ, through the command of a certified provider.
package sign

import (
	"context"
	"crypto/sha1" // Not for security: people compare certificates by this thumbprint.
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"otklik/internal/errs"

	"github.com/smallstep/pkcs7"
)

// Signer signs texts. It may be used by several at once.
type Signer interface {
	// Holder tells whose certificate it is; the zero value where it is not known
	// before a signature is made.
	Holder() Certificate
	// Sign returns the signature of exactly these bytes. Errors: errs.Invalid when
	// the certificate does not hold at the moment, errs.Unavailable when the
	// provider does not answer.
	Sign(ctx context.Context, content []byte, now time.Time) (Signature, error)
}

// Certificate is what people see of a certificate.
type Certificate struct {
	Subject, Issuer string
	Serial          string // hexadecimal
	Thumbprint      string // SHA-1 of the certificate, hexadecimal, as other programs show it
	From, Until     time.Time
}

// Signature is one detached signature.
type Signature struct {
	DER      []byte
	By       Certificate
	SignedAt time.Time
}

// soon is how long before its end a certificate is spoken of.
const soon = 30 * 24 * time.Hour

// Trouble is a sentence about a certificate that does not hold at the moment, or
// will not hold much longer; "" when all is well. Bad says that nothing can be
// signed with it.
func (c Certificate) Trouble(now time.Time) (sentence string, bad bool) {
	const day = "02.01.2006"
	switch {
	case c.Until.IsZero():
		return "", false
	case now.Before(c.From):
		return "Сертификат подписи начнёт действовать только " + c.From.Format(day) + ".", true
	case now.After(c.Until):
		return "Сертификат подписи истёк " + c.Until.Format(day) + ". Загрузите новый: без него ответы не подписываются.", true
	case c.Until.Sub(now) < soon:
		return "Сертификат подписи истекает " + c.Until.Format(day) + ". Закажите новый заранее.", false
	}
	return "", false
}

func describe(c *x509.Certificate) Certificate {
	sum := sha1.Sum(c.Raw)
	return Certificate{
		Subject: c.Subject.String(), Issuer: c.Issuer.String(), Serial: strings.ToUpper(fmt.Sprintf("%x", c.SerialNumber)),
		Thumbprint: strings.ToUpper(hex.EncodeToString(sum[:])), From: c.NotBefore, Until: c.NotAfter,
	}
}

// Verify says whether a signature is of these bytes, made with the key of the
// certificate that it holds. It does not say whom the certificate is trusted
// by. What is signed by ГОСТ is verified by the provider and not here.
// Errors: errs.Invalid.
func Verify(content, der []byte) (Certificate, error) {
	p, err := pkcs7.Parse(der)
	if err != nil {
		return Certificate{}, errs.Wrap(errs.Invalid, "Это не подпись CMS: файл не разбирается.", err)
	}
	holder := p.GetOnlySigner()
	if holder == nil {
		return Certificate{}, errs.New(errs.Invalid, "В подписи нет сертификата подписавшего.")
	}
	p.Content = content
	if err := p.Verify(); err != nil {
		return describe(holder), errs.Wrap(errs.Invalid, "Подпись не подходит к этому тексту.", err)
	}
	return describe(holder), nil
}
