#!/bin/sh
# pure.sh ARCHIVE... — the core and the engine call nothing but themselves, jansson, libdeflate and harmless parts of the C library.
#
# The functions listed have no memory of their own, read no clock and no locale that matters, and do no I/O. Memory comes from
# base/alloc.h; numbers are read by base/str.h.
set -u

allowed='fr_.*|json_.*|libdeflate_.*|free|qsort|bsearch|v?snprintf|abs|labs|llabs'
allowed="$allowed|mem(cpy|move|set|cmp|chr)|str(len|nlen|cmp|ncmp|chr|rchr|str|spn|cspn|pbrk)|strn?casecmp"
allowed="$allowed|(floor|ceil|round|llround|lround|trunc|fabs|exp|log|log2|pow|sqrt|fmin|fmax|fmod)"
# What compilers put in by themselves.
allowed="$allowed|__(stack_chk_fail|(memcpy|memmove|memset|snprintf|vsnprintf|strcpy|strncpy)_chk|isoc99_.*)|_GLOBAL_OFFSET_TABLE_"

bad=0
for archive in "$@"; do
	impure=$({ nm --defined-only "$@" 2>/dev/null; nm -u "$archive" 2>/dev/null; } | awk -v allowed="^($allowed)\$" '
		NF == 3 { own[$3] = 1 }
		/\.o:$/ { object = $1 }
		$1 == "U" && !($2 in own) && $2 !~ allowed { print object " calls " $2 }')
	if [ -n "$impure" ]; then
		echo "$impure" | sed "s|^|${archive##*/}: |"
		bad=1
	fi
done
exit $bad
