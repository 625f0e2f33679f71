package sign

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"time"

	"otklik/internal/errs"

	"github.com/smallstep/pkcs7"
)

// mostCertificates bounds a chain.
const mostCertificates = 8

// Key is a certificate with its key, held by the program.
type Key struct {
	chain []*x509.Certificate
	key   crypto.Signer
}

// ParseKey reads PEM blocks: the holder's certificate, what stands above it, and
// the private key (PKCS#8, PKCS#1 or SEC 1, without a password), in any order.
// Errors: errs.Invalid, never with a word of the key.
func ParseKey(text []byte) (*Key, error) {
	var k Key
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if err := k.take(block); err != nil {
			return nil, err
		}
	}
	switch {
	case len(k.chain) == 0:
		return nil, errs.New(errs.Invalid, "В файле нет сертификата: нужен блок BEGIN CERTIFICATE.")
	case k.key == nil:
		return nil, errs.New(errs.Invalid, "В файле нет закрытого ключа без пароля: нужен блок BEGIN PRIVATE KEY.")
	}
	return &k, k.arrange()
}

func (k *Key) take(block *pem.Block) error {
	switch block.Type {
	case "CERTIFICATE":
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil || len(k.chain) == mostCertificates {
			return errs.Wrap(errs.Invalid, "Сертификат не разбирается, или их слишком много.", err)
		}
		k.chain = append(k.chain, c)
	case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY":
		key, err := parsePrivate(block)
		if err != nil || k.key != nil {
			return errs.New(errs.Invalid, "Закрытый ключ не разбирается, или их несколько.")
		}
		k.key = key
	case "ENCRYPTED PRIVATE KEY":
		return errs.New(errs.Invalid, "Закрытый ключ защищён паролем. Снимите пароль: openssl pkey -in ключ.pem -out открытый.pem; храниться он будет зашифрованным.")
	}
	return nil
}

func parsePrivate(block *pem.Block) (crypto.Signer, error) {
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errs.New(errs.Invalid, "Этим ключом нельзя подписывать.")
	}
	return signer, nil
}

// arrange puts the certificate of the key first.
func (k *Key) arrange() error {
	public, ok := k.key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok {
		return errs.New(errs.Invalid, "Этим ключом нельзя подписывать.")
	}
	for i, c := range k.chain {
		if public.Equal(c.PublicKey) {
			k.chain[0], k.chain[i] = k.chain[i], k.chain[0]
			return nil
		}
	}
	return errs.New(errs.Invalid, "Закрытый ключ не подходит ни к одному сертификату файла.")
}

// Holder implements Signer.
func (k *Key) Holder() Certificate { return describe(k.chain[0]) }

// Sign implements Signer.
func (k *Key) Sign(_ context.Context, content []byte, now time.Time) (Signature, error) {
	holder := k.Holder()
	if why, bad := holder.Trouble(now); bad {
		return Signature{}, errs.New(errs.Invalid, why)
	}
	data, err := pkcs7.NewSignedData(content)
	if err != nil {
		return Signature{}, errs.Wrap(errs.Internal, "Не удалось подписать текст.", err)
	}
	data.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := data.AddSignerChain(k.chain[0], k.key, k.chain[1:], pkcs7.SignerInfoConfig{}); err != nil {
		return Signature{}, errs.Wrap(errs.Invalid, "Сертификат не подходит для подписи: "+chainTrouble(k.chain), err)
	}
	data.Detach()
	der, err := data.Finish()
	if err != nil {
		return Signature{}, errs.Wrap(errs.Internal, "Не удалось подписать текст.", err)
	}
	return Signature{DER: der, By: holder, SignedAt: now}, nil
}

func chainTrouble(chain []*x509.Certificate) string {
	if len(chain) > 1 {
		return "вышестоящие сертификаты файла его не выдавали."
	}
	return "такой вид ключа не поддерживается."
}
