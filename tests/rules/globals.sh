#!/bin/sh
# globals.sh ARCHIVE... — nothing that can change lives at file scope: no symbol in .data, .bss, .tdata, .tbss or common.
# Constant tables with addresses in them land in .data.rel.ro and are fine.
set -u

bad=0
for archive in "$@"; do
	found=$(objdump -t "$archive" | awk '
		/file format/ { object = $1 }
		$1 ~ /^[0-9a-f]+$/ {
			name = $NF
			for (i = 2; i < NF; i++)
				if ($i ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && $i !~ /^\.data\.rel\.ro/ && name != $i)
					print object " " name " is in " $i
		}')
	if [ -n "$found" ]; then
		echo "$found" | sed "s|^|${archive##*/}: |"
		bad=1
	fi
done
exit $bad
