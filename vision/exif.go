package vision

import "encoding/binary"

// exifOrientation reads tag 0x0112 of the first directory of a TIFF block and
// returns 1 to 8; 1 for anything missing or odd. It reads no pointer but the
// one to the first directory and at most 512 entries of it.
//
//	0  "II" or "MM"   byte order
//	2  42             uint16
//	4  offset of the first directory, uint32
//	   directory: count uint16, then 12 bytes each: tag, type uint16; number uint32; value
func exifOrientation(tiff []byte) int {
	if len(tiff) < 14 {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:2]) {
	case "II":
		order = binary.LittleEndian
	case "MM":
		order = binary.BigEndian
	default:
		return 1
	}
	start := int64(order.Uint32(tiff[4:]))
	if order.Uint16(tiff[2:]) != 42 || start < 8 || start+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[start+2:]
	for range min(int(order.Uint16(tiff[start:])), 512) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			return orientationValue(entries, order)
		}
		entries = entries[12:]
	}
	return 1
}

func orientationValue(entry []byte, order binary.ByteOrder) int {
	if order.Uint32(entry[4:]) != 1 {
		return 1
	}
	v := 1
	switch order.Uint16(entry[2:]) {
	case 3: // SHORT
		v = int(order.Uint16(entry[8:]))
	case 4: // LONG, which some writers use
		v = int(min(order.Uint32(entry[8:]), 9))
	}
	if v < 1 || v > 8 {
		return 1
	}
	return v
}
