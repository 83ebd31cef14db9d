# Runs the server as a child and ends with it. $1: folder to remove when the owner is gone, or empty;
# the rest: the server's command. stdin: a pipe that only the owner can write; its end means that the
# owner is gone or wants the server stopped. stdout: an open lock, held as long as this script lives.
folder=$1
shift

# The owner decides when to stop, not a terminal or a service manager that signals everybody.
trap '' HUP INT TERM

# A shell gives /dev/null as stdin to what runs in the background, so the pipe moves to 3.
exec 3<&0 </dev/null

"$@" 3<&- >&2 &
server=$!

(
    while read -r _; do :; done <&3
    # In a process of its own, so that the watcher itself ends before the server can.
    (
        kill -INT "$server"
        # A fast shutdown that hangs becomes an immediate one.
        left=30
        while [ "$left" -gt 0 ]; do
            sleep 1
            kill -0 "$server" || exit 0
            left=$((left - 1))
        done
        kill -QUIT "$server"
    ) 3<&- >/dev/null 2>&1 &
) >&2 &
watcher=$!

wait "$server"
status=$?

# A watcher that ended by itself has seen the end of the pipe; one that had to be killed has not.
kill -KILL "$watcher" 2>/dev/null
if wait "$watcher" && [ -n "$folder" ]; then
    rm -rf -- "$folder/data" "$folder"
fi 2>/dev/null
exit "$status"
