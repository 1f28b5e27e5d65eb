# fanin.awk — no header that everybody needs: more than 40 % of the .c files may include only the assertions, the types, strings
# directly (and the core's closing pure.h, which the doors demand).
BEGIN {
	free["base/assert.h"] = free["frugal/types.h"] = free["base/pure.h"] = free["base/str.h"] = 1
}
FNR == 1 {
	files++
}
/^#[ \t]*include[ \t]*"/ {
	split($0, q, "\"")
	if (!((FILENAME, q[2]) in seen)) {
		seen[FILENAME, q[2]] = 1
		by[q[2]]++
	}
}
END {
	for (h in by)
		if (files >= 20 && by[h] > 0.4 * files && !(h in free)) {
			printf "%s is included by %d of %d files, limit 40 %%\n", h, by[h], files
			bad = 1
		}
	exit bad
}
