package source

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Resolve settles which file w means. note (which may be nil) is told, in a
// sentence, of decisions a person may want to know of.
//
// An exact version in the table needs no network at all. A series is the newest
// known release of the first place that has one: the directory, the mirrors,
// upstream if it can be reached, else the distribution. An exact version never
// becomes another one, nor a repacked one. Errors: *NotFoundError lists the
// places and what they have; the context's error when it ended.
func (s *Sources) Resolve(ctx context.Context, w Want, note func(string)) (Pin, error) {
	if err := w.check(); err != nil {
		return Pin{}, err
	}
	if note == nil {
		note = func(string) {}
	}
	switch {
	case w.Distro || w.Suite != "":
		return s.resolveDistro(ctx, w, note)
	case w.exact():
		return s.resolveExact(ctx, w)
	}
	return s.resolveSeries(ctx, w, note)
}

func (s *Sources) resolveDistro(ctx context.Context, w Want, note func(string)) (Pin, error) {
	pin, err := s.apt.resolve(ctx, w, note)
	if err != nil {
		return Pin{}, s.notFound(ctx, w, []Answer{{s.apt.Name(), err}}, "")
	}
	return pin, nil
}

func (s *Sources) resolveSeries(ctx context.Context, w Want, note func(string)) (Pin, error) {
	var asked []Answer
	for _, p := range s.providers() {
		var pin Pin
		var err error
		if p == Provider(s.apt) {
			pin, err = s.apt.resolve(ctx, w, note)
		} else {
			pin, err = p.Resolve(ctx, w)
		}
		if err == nil {
			note(resolved(w, pin, p, asked))
			return pin, nil
		}
		if ctx.Err() != nil {
			return Pin{}, ctx.Err()
		}
		asked = append(asked, Answer{p.Name(), err})
	}
	hint := ""
	if len(Known(w.Name)) == 0 {
		hint = "say where it is: source = source(url, sha256), or distro(…) where the distribution calls it otherwise"
	}
	return Pin{}, s.notFound(ctx, w, asked, hint)
}

// resolved is the note about a series that became a version, and why it came
// from where it did.
func resolved(w Want, pin Pin, p Provider, asked []Answer) string {
	from := p.Name()
	if pin.From != FromUpstream {
		from = pin.From
	}
	s := fmt.Sprintf("%s is %s, from %s", w, pin.Version, from)
	for _, a := range asked {
		var nh *ErrNotHere
		if !errors.As(a.Err, &nh) {
			s += "; " + a.Place + " could not be asked"
		}
	}
	return s
}

// resolveExact takes a version from the table, and nothing else: without a known
// sha256 nobody could say which bytes are meant.
func (s *Sources) resolveExact(ctx context.Context, w Want) (Pin, error) {
	if list := w.known(); len(list) > 0 {
		return list[0].pin(w), nil
	}
	var asked []Answer
	for _, p := range s.providers() {
		pin, err := p.Resolve(ctx, w)
		if err == nil { // only the distribution can: it has its own bytes of that version
			return Pin{}, s.notFound(ctx, w, asked, askDistro(w.Name, pin))
		}
		if ctx.Err() != nil {
			return Pin{}, ctx.Err()
		}
		asked = append(asked, Answer{p.Name(), err})
	}
	return Pin{}, s.notFound(ctx, w, asked, "take one of these, or give the file with source(url, sha256)")
}

// askDistro is the hint that the distribution has a version under its own hash.
func askDistro(name string, pin Pin) string {
	suite := ""
	if _, s, _, _, ok := pin.aptPlace(); ok {
		suite = fmt.Sprintf(", suite = %q", s)
	}
	return fmt.Sprintf("the distribution has %s in its own packing: to use that, write source = distro(%q%s)", pin.Version, name, suite)
}

func (s *Sources) notFound(ctx context.Context, w Want, asked []Answer, hint string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &NotFoundError{What: w.String(), Problem: "no place has it", Asked: asked, Hint: hint}
}

// aptPlace takes From apart: kind is "apt" or "apt-src".
func (p Pin) aptPlace() (kind, suite, pkg, version string, ok bool) {
	kind, rest, ok1 := strings.Cut(p.From, ":")
	suite, rest, ok2 := strings.Cut(rest, ":")
	pkg, version, ok3 := strings.Cut(rest, "=") // a version may hold colons: 1:1.35.0-4
	ok = ok1 && ok2 && ok3 && (kind == kindDeb || kind == kindSrc) &&
		suiteSyntax.MatchString(suite) && nameSyntax.MatchString(pkg) && debVersionSyntax.MatchString(version)
	return kind, suite, pkg, version, ok
}
