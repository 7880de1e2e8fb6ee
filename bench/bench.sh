#!/bin/sh
# Times mini beside the same work by hand, in one run on one machine, and prints the ratios.
#
#   bench.sh MINI WORKDIR [PAIRS]     PAIRS cold builds of each, in turn (default 1: a pair takes about ten minutes)
set -e
unset CI # where it is set, mini pins no sources
mini=$(realpath "$1") work=$2 pairs=${3:-1}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work" && cd "$work" && work=$PWD
now() { date +%s.%N; }
took() { echo "$1 $2" | awk '{printf "%.2f", $2 - $1}'; }
ratio() { echo "$1 $2" | awk '{printf "%.2f", $1 / $2}'; }

# One build first: it brings the sources and the configurations that both then use.
cp -r "$here/../examples" . 2>/dev/null || true
first=${MINI_BENCH_CACHE:-$work/first} # a cache that is warm already saves minutes
"$mini" build --cache "$first" -o out examples/distro.star
mkdir -p sources configs
cp out/bb.config out/linux.config examples/init configs/
for f in $(sed -n 's/.*"file": "\(.*\)",/\1/p' out/manifest.json); do
	# Programs are listed with their sources as well.
	sum=$(grep -A1 "\"file\": \"$f\"" out/manifest.json | sed -n 's/.*"sha256": "\(.*\)",/\1/p' | sort -u)
	cp "$first/cas/$(echo "$sum" | cut -c1-2)/$sum" "sources/$f"
done

load() { echo "load of the machine $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) processors"; }
load
i=1
while [ "$i" -le "$pairs" ]; do
	rm -rf hand cold
	s=$(now); sh "$here/byhand.sh" "$work/sources" "$work/configs" "$work/hand" >hand.log 2>&1; hand=$(took "$s" "$(now)")
	s=$(now); "$mini" build --cache "$work/cold" --distfiles "$work/sources" examples/distro.star >mini.log 2>&1; cold=$(took "$s" "$(now)")
	echo "cold build         mini ${cold} s   by hand ${hand} s   ratio $(ratio "$cold" "$hand")"
	i=$((i + 1))
done

# Nothing to do, ten times each.
s=$(now); for _ in 1 2 3 4 5 6 7 8 9 10; do "$mini" build --cache "$work/cold" examples/distro.star 2>/dev/null; done; noop=$(took "$s" "$(now)")
s=$(now); make -C hand/linux O="$work/hand/kernel" ARCH=x86_64 bzImage >/dev/null; make -C hand/bb >/dev/null; byhand=$(took "$s" "$(now)")
noop=$(ratio "$noop" 10)
echo "nothing to do      mini ${noop} s   make  ${byhand} s   ratio $(ratio "$noop" "$byhand")"

# What a build would do, beside the make that finds out that there is nothing to do.
s=$(now); for _ in 1 2 3 4 5 6 7 8 9 10; do "$mini" plan --cache "$work/cold" examples/distro.star >/dev/null; done; plan=$(took "$s" "$(now)")
plan=$(ratio "$plan" 10)
echo "plan               mini ${plan} s   make  ${byhand} s   ratio $(ratio "$plan" "$byhand")"

# One line of /init changed, nine times in turn: mini from the script to the image, beside make from the archive to the image,
# with one process and with as many as there are processors. The ratios are those of each pair: least, middle, most.
edits=9
: >edits
for n in $(seq $edits); do
	echo "# $n" >>examples/init
	s=$(now); "$mini" build --cache "$work/cold" examples/distro.star:linux 2>step.log; e=$(took "$s" "$(now)")
	step=$(sed -n 's/^built .*embed the initramfs *\([0-9.]*\)s$/\1/p' step.log)
	for j in 1 "$(nproc)"; do
		echo "# $n $j" >>hand/root/init
		(cd hand/root && find . | cpio -o -H newc --quiet >../kernel/initramfs.cpio)
		s=$(now); make -j"$j" -C hand/linux O="$work/hand/kernel" ARCH=x86_64 bzImage >/dev/null; m=$(took "$s" "$(now)")
		echo "$j $e $step $m" >>edits
	done
done
middle() { sort -n | awk '{v[NR] = $1} END {printf "%.2f (%.2f to %.2f)", v[int((NR + 1) / 2)], v[1], v[NR]}'; }
for j in 1 "$(nproc)"; do
	of() { awk -v j="$j" '$1 == j {print '"$1"'}' edits | middle; }
	echo "/init changed      mini $(of '$2') s   make -j$j $(of '$4') s   ratio $(of '$2 / $4')   of the step alone $(of '$3 / $4')   n $edits"
done
# Two variants of BusyBox, one applet apart, with the same kernel: the second for the first time, and then to and fro between
# the two, as one does who compares them. By hand in the same two trees: another .config, make, install, cpio, make bzImage.
sed 's/^bb = .*/uuencode = param("uuencode", True)\nbb = busybox(busybox_version, config = {"DESKTOP": False, "UUENCODE": uuencode})/' examples/distro.star >examples/variants.star
variant() { "$mini" build --cache "$work/cold" -o "out-$1" examples/variants.star "uuencode=$1" 2>>mini.log; }
byhand() {
	cp "out-$1/bb.config" hand/bb/.config
	yes '' | make -C hand/bb oldconfig >/dev/null && make -C hand/bb -j"$(nproc)" >/dev/null 2>&1
	make -C hand/bb CONFIG_PREFIX="$work/hand/root" install >/dev/null 2>&1
	test "$1" = True || rm -f hand/root/usr/bin/uuencode # install adds links and takes none away
	(cd hand/root && find . | cpio -o -H newc --quiet >../kernel/initramfs.cpio)
	make -j"$(nproc)" -C hand/linux O="$work/hand/kernel" ARCH=x86_64 bzImage >/dev/null 2>&1
}
variant True
s=$(now); variant False; e=$(took "$s" "$(now)")
s=$(now); byhand False; m=$(took "$s" "$(now)")
echo "second variant     mini ${e} s   by hand ${m} s   ratio $(ratio "$e" "$m")   the first time: all of BusyBox anew, beside what one symbol changes"
: >switches
for v in True False True False True; do
	s=$(now); variant $v; e=$(took "$s" "$(now)")
	s=$(now); byhand $v; m=$(took "$s" "$(now)")
	echo "$e $m" >>switches
done
echo "variant again      mini $(awk '{print $1}' switches | middle) s   by hand $(awk '{print $2}' switches | middle) s   ratio $(awk '{print $1 / $2}' switches | middle)   n 5"

load
/usr/bin/env time -f 'memory of mini     %M KiB at most, nothing to do' "$mini" build --cache "$work/cold" examples/distro.star 2>&1 >/dev/null | tail -1

# The kernel's archive to a tree in the store, with the digests of all files, beside tar; both with a sync. Five pairs.
archive=$(ls "$work"/sources/linux* | head -1) member=
case $archive in *.deb) member=$(dpkg-deb --contents "$archive" | sed -n 's|.* \./\(.*\.tar\.[a-z0-9]*\)$|\1|p' | head -1) ;; esac
(cd "$here/.." && TMPDIR=$work MINI_BENCH_ARCHIVE=$archive MINI_BENCH_MEMBER=$member \
	go test ./build -run NoTest -bench SourceTree -benchtime 5x -v | sed -n 's/.*bench_test.go:[0-9]*: /unpack             /p')
