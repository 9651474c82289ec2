package jpeg

// progress reads a scan of a progressive file (T.81 annex G): coefficients from to to, of
// which the bits from al up to ah are new.
func (d *decoder) progress(parts []scanPart, from, to int, ah, al uint) error {
	switch {
	case from > to || to > 63 || (from == 0) != (to == 0) || al > 13:
		return FormatError("bad spectral selection")
	case from > 0 && len(parts) > 1:
		return FormatError("AC coefficients of several components")
	case ah != 0 && ah != al+1:
		return FormatError("bad successive approximation")
	}
	for _, p := range parts {
		if from == 0 && ah == 0 && !p.dc.set || from > 0 && !p.ac.set {
			return FormatError("a scan without its Huffman table")
		}
	}
	r := &reader{data: d.data, pos: d.pos}
	run := 0 // blocks that have no more coefficients
	return d.units(r, parts, func(p *scanPart, bx, by int) error {
		if p == nil {
			run = 0
			return nil
		}
		b := &p.c.coef[by*p.c.blocksX+bx]
		err := error(nil)
		switch {
		case from == 0 && ah == 0:
			s, bad := r.symbol(p.dc)
			if bad || s > 16 {
				return errCode
			}
			p.last += int32(r.extend(uint(s)))
			b[0] = int16(p.last << al)
		case from == 0:
			b[0] |= int16(r.take(1) << al)
		case ah == 0 && run > 0:
			run--
		case ah == 0:
			_, run, err = r.coefficients(b, p.ac, from, to, al)
		default:
			run, err = r.refine(b, p.ac, from, to, al, run)
		}
		if err == nil && r.over() {
			err = r.short()
		}
		return err
	})
}

// refine reads one more bit of coefficients that are known, and new ones of size one
// (T.81 section G.1.2.3).
func (r *reader) refine(b *[64]int16, t *table, from, to int, al uint, run int) (int, error) {
	one := int16(1) << al
	k := from
	if run == 0 {
		for ; k <= to; k++ {
			s, bad := r.symbol(t)
			if bad {
				return 0, errCode
			}
			v := int16(0)
			switch {
			case s&15 == 1:
				v = -one
				if r.take(1) == 1 {
					v = one
				}
			case s&15 != 0:
				return 0, errCode
			case s>>4 < 15:
				run = 1<<(s>>4) + r.take(uint(s>>4))
			}
			if run > 0 {
				break
			}
			k = r.correct(b, k, to, int(s>>4), one)
			if v != 0 {
				if k > to {
					return 0, FormatError("too many coefficients")
				}
				b[zigzag[k&63]&63] = v
			}
		}
	}
	if run == 0 {
		return 0, nil
	}
	r.correct(b, k, to, -1, one)
	return run - 1, nil
}

// correct reads a bit for each coefficient that is not zero, up to the one behind zeros
// zeros, of which it tells the place; -1 means to the end.
func (r *reader) correct(b *[64]int16, k, to, zeros int, one int16) int {
	acc, n := r.acc, r.n
	for ; k <= to; k++ {
		c := &b[zigzag[k&63]&63]
		if *c == 0 {
			if zeros == 0 {
				break
			}
			zeros--
			continue
		}
		if n == 0 {
			r.acc, r.n = acc, n
			r.fill()
			acc, n = r.acc, r.n
		}
		if int64(acc) < 0 { // the next bit
			if *c > 0 {
				*c += one
			} else {
				*c -= one
			}
		}
		acc <<= 1
		n--
	}
	r.acc, r.n = acc, n
	return k
}
