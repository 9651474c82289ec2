package retrieve

// With is the same graph under other options.
func (v *Walk) With(o WalkOptions) *Walk {
	return &Walk{o: o.withDefaults(), g: v.g, secret: v.secret, languages: v.languages}
}
