# sizes.awk — functions of at most 70 lines, files of at most 800.
#
# A function begins and ends with a brace in column 0, so its lines can be counted without reading C.
FNR == 1 {
	open = 0
}
/^\{$/ {
	open = FNR
}
/^\}$/ && open {
	if (FNR - open - 1 > 70) {
		printf "%s:%d: function of %d lines, limit 70\n", FILENAME, open, FNR - open - 1
		bad = 1
	}
	open = 0
}
FNR == 801 {
	printf "%s: more than 800 lines\n", FILENAME
	bad = 1
}
END {
	exit bad
}
