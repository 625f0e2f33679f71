package sign_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/sign"
)

// issue makes an authority and a certificate of it, valid around now.
func issue(tb testing.TB, key crypto.Signer, until time.Time) (text, root []byte) {
	tb.Helper()
	authority, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	top := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Удостоверяющий центр"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	topDER, err := x509.CreateCertificate(rand.Reader, top, top, authority.Public(), authority)
	if err != nil {
		tb.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(0x51AF), Subject: pkix.Name{CommonName: "Администрация"}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: until,
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, top, key.Public(), authority)
	if err != nil {
		tb.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	for _, b := range []pem.Block{{Type: "PRIVATE KEY", Bytes: keyDER}, {Type: "CERTIFICATE", Bytes: topDER}, {Type: "CERTIFICATE", Bytes: leafDER}} {
		if err := pem.Encode(&out, &b); err != nil {
			tb.Fatal(err)
		}
	}
	return out.Bytes(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: topDER})
}

func keys(tb testing.TB) map[string]crypto.Signer {
	tb.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return map[string]crypto.Signer{"RSA": r, "ECDSA": e}
}

// openssl is a program that others wrote: what it says of a signature counts.
func verifyByOpenSSL(tb testing.TB, content, der, root []byte) error {
	tb.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		tb.Skip("openssl is not installed")
	}
	dir := tb.TempDir()
	for name, b := range map[string][]byte{"text": content, "sig": der, "root": root} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	cmd := exec.CommandContext(tb.Context(), program, "cms", "-verify", "-binary", "-inform", "DER", "-in", "sig", "-content", "text", "-CAfile", "root", "-out", "out")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Logf("openssl: %s", out)
	}
	return err
}

func TestOpenSSLVerifiesWhatIsSigned(t *testing.T) {
	t.Parallel()
	for name, key := range keys(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, root := issue(t, key, time.Now().Add(24*time.Hour))
			k, err := sign.ParseKey(text)
			if err != nil {
				t.Fatal(err)
			}
			content := []byte("Яму на улице Мира засыпят до 30.11.2026.\r\nОтдел дорог")
			s, err := k.Sign(t.Context(), content, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if err := verifyByOpenSSL(t, content, s.DER, root); err != nil {
				t.Error("openssl does not accept the signature")
			}
			if err := verifyByOpenSSL(t, append(content, '!'), s.DER, root); err == nil {
				t.Error("openssl accepts the signature for another text")
			}
			if by, err := sign.Verify(content, s.DER); err != nil || by.Serial != "51AF" || by != s.By {
				t.Errorf("got %+v, %v", by, err)
			}
			if _, err := sign.Verify([]byte("другое"), s.DER); errs.CodeOf(err) != errs.Invalid {
				t.Errorf("another text: %v", err)
			}
		})
	}
}

func TestCertificatesThatDoNotHold(t *testing.T) {
	t.Parallel()
	key := keys(t)["ECDSA"]
	text, _ := issue(t, key, time.Now().Add(24*time.Hour))
	k, err := sign.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range []time.Time{time.Now().Add(72 * time.Hour), time.Now().Add(-72 * time.Hour)} {
		if _, err := k.Sign(t.Context(), []byte("текст"), now); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("at %v: %v", now, err)
		}
	}
	if why, bad := k.Holder().Trouble(time.Now()); bad || !strings.Contains(why, "истекает") {
		t.Errorf("a day before the end: %q, %v", why, bad)
	}
	other, _ := issue(t, keys(t)["ECDSA"], time.Now().Add(time.Hour))
	mixed := append(bytes.Clone(text[:bytes.Index(text, []byte("-----BEGIN CERT"))]), other[bytes.Index(other, []byte("-----BEGIN CERT")):]...)
	for name, bad := range map[string][]byte{
		"nothing": nil, "no key": text[bytes.Index(text, []byte("-----BEGIN CERT")):],
		"no certificate": text[:bytes.Index(text, []byte("-----BEGIN CERT"))], "another's key": mixed,
		"a password": []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
	} {
		if _, err := sign.ParseKey(bad); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The provider's command is played by openssl itself.
func TestACommandSigns(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	text, root := issue(t, keys(t)["RSA"], time.Now().Add(24*time.Hour))
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	// The holder's certificate is the last of the file.
	leaf := filepath.Join(t.TempDir(), "leaf.pem")
	if err := os.WriteFile(leaf, text[bytes.LastIndex(text, []byte("-----BEGIN CERT")):], 0o600); err != nil {
		t.Fatal(err)
	}
	content := []byte("Ответ по существу.")
	for _, form := range []string{"DER", "PEM"} {
		c := sign.Command{Name: program, Args: []string{"cms", "-sign", "-binary", "-signer", leaf, "-inkey", file, "-outform", form}}
		s, err := c.Sign(t.Context(), content, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if s.By.Serial != "51AF" || verifyByOpenSSL(t, content, s.DER, root) != nil {
			t.Errorf("%s: got %+v", form, s.By)
		}
	}
	whole := sign.Command{Name: program, Args: []string{"cms", "-sign", "-binary", "-nodetach", "-signer", leaf, "-inkey", file, "-outform", "DER"}}
	for name, c := range map[string]sign.Command{
		"with the text": whole, "not a signature": {Name: "echo", Args: []string{"нет"}}, "a refusal": {Name: "false"}, "no such program": {Name: "/nonexistent/provider"},
	} {
		if _, err := c.Sign(t.Context(), content, time.Now()); errs.CodeOf(err) != errs.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (sign.Command{Name: "sleep", Args: []string{"60"}}).Sign(ended, content, time.Now()); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("a cancelled call: %v", err)
	}
}
