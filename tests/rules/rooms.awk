# rooms.awk — one-way doors: what each room under src/ may include (docs: the rooms table).
#
# Prints one line per breach; ends with 1 if there was one. Run with all of src/**/*.[ch].
BEGIN {
	may["base"] = ""
	may["core"] = "base"
	may["conf"] = "base core"
	may["engine"] = "base core"
	may["adapt"] = "base core engine"
	may["app"] = "base core conf engine adapt"
	may["ctl"] = "base"

	# Foreign libraries, by the beginning of their headers' names, and the rooms that may use them.
	foreign["jansson"] = "core adapt app ctl"
	foreign["libdeflate"] = "core"
	foreign["yaml"] = "conf"
	foreign["uv"] = foreign["microhttpd"] = foreign["hiredis"] = "adapt app"
	foreign["curl/"] = "adapt app ctl"
	foreign["openssl/"] = "adapt app ctl"
}
function breach(line, text) {
	printf "%s:%d: %s\n", file, line, text
	bad = 1
}
function has(rooms, room) {
	return index(" " rooms " ", " " room " ") > 0
}
# The file before ends: a file of the core ends its includes by closing the door. Tables (.def) come where they are used.
function leave() {
	if (room == "core" && file ~ /\.c$/ && last != "base/pure.h")
		breach(last_line, "the last include of a core file must be base/pure.h")
}
FNR == 1 {
	if (file != "")
		leave()
	file = FILENAME
	split(FILENAME, p, "/")
	room = p[2]
	last = ""
	last_line = 1
	if (!(room in may))
		breach(1, "there is no room '" room "'")
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, q, "\"")
	split(q[2], r, "/")
	if (q[2] !~ /\//)
		breach(FNR, "say the room: \"" room "/" q[2] "\"")
	else if (r[1] != "frugal" && r[1] != room && !has(may[room], r[1]))
		breach(FNR, "room '" room "' may not include '" q[2] "'")
	if (q[2] !~ /\.def$/) {
		last = q[2]
		last_line = FNR
	}
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	split($0, q, /[<>]/)
	last = q[2]
	last_line = FNR
	for (name in foreign)
		if (index(q[2], name) == 1 && (q[2] ~ /\// || q[2] == name ".h") && !has(foreign[name], room))
			breach(FNR, "room '" room "' may not include <" q[2] ">")
}
END {
	if (file != "")
		leave()
	exit bad
}
