#!/bin/sh
# What examples/distro.star describes, done by hand in the best order, for comparison: the same sources, the same
# configurations, every processor busy wherever make can keep it busy, and the initramfs ready before the kernel is
# compiled, so that it is compiled once.
#
#   byhand.sh SOURCES CONFIGS OUT     SOURCES holds the two archives, CONFIGS the configurations that mini ended with
set -e
sources=$1 configs=$2 out=$3
jobs=$(nproc)
export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' KBUILD_BUILD_USER=mini KBUILD_BUILD_HOST=mini KBUILD_BUILD_VERSION=1
export SOURCE_DATE_EPOCH=0 LC_ALL=C TZ=UTC
mkdir -p "$out" && cd "$out"

# The kernel's tree takes long to unpack and needs one processor: BusyBox has the other meanwhile.
mkdir linux busybox
{
	deb=$(ls "$sources"/linux-source-*.deb)
	dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' | tar -xJ --strip-components 1 -C linux
} &
unpack=$!
tar -xjf "$sources"/busybox-*.tar.bz2 --strip-components 1 -C busybox
mkdir bb && cp "$configs/bb.config" bb/.config
yes '' | make -C busybox O="$PWD/bb" oldconfig >/dev/null
make -C bb -j"$jobs" >bb.log 2>&1
make -C bb CONFIG_PREFIX="$PWD/root" install >>bb.log 2>&1

mkdir -p root/etc root/dev root/root root/tmp root/lib64
mknod root/dev/console c 5 1 2>/dev/null || true
cp "$configs/init" root/init && chmod 755 root/init
echo 'Enjoy this little puppy!' >root/etc/motd
for lib in $(ldd root/bin/busybox | grep -o '/[^ ]*'); do
	mkdir -p "root$(dirname "$lib")" && cp -L "$lib" "root$lib"
done
(cd root && find . | cpio -o -H newc --quiet >../initramfs.cpio)

wait $unpack
mkdir kernel && cp "$configs/linux.config" kernel/.config && cp initramfs.cpio kernel/
make -C linux O="$PWD/kernel" ARCH=x86_64 olddefconfig >linux.log 2>&1
make -C linux O="$PWD/kernel" ARCH=x86_64 -j"$jobs" bzImage >>linux.log 2>&1
ls -l kernel/arch/x86/boot/bzImage
