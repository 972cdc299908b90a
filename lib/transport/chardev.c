/*
 * Character devices: /dev/cdc-wdm0, /dev/wwan0qmi0 and ptys that stand in for them.
 *
 * Exclusive use is an flock() of the node, not TIOCEXCL, which root passes and which outlives us on
 * a pty that somebody else holds open. It keeps programs of this library apart. Those that take no
 * such lock (libqmi's) can still open a cdc-wdm node at the same time; the kernel allows that, and
 * has its own EBUSY only between a cdc-wdm node and its wwan port.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/cdc-wdm.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "lib/transport/internal.h"

/* Opens `path` if it is a character device. Looks before it opens: to open something else may
 * already do something to it. */
static int open_node(const char *path)
{
	struct stat st;
	int fd;

	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISCHR(st.st_mode))
		return -ENOTTY;
	fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENXIO ? -ENODEV : -errno;
	return fd;
}

static int check_and_lock(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISCHR(st.st_mode))
		return -ENOTTY;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return 0;
}

static int set_raw(int fd)
{
	struct termios mode;

	if (tcgetattr(fd, &mode) < 0)
		return -errno;
	cfmakeraw(&mode);
	mode.c_cflag |= CLOCAL | CREAD;
	return tcsetattr(fd, TCSANOW, &mode) < 0 ? -errno : 0;
}

int qk_transport_open_chardev(const char *path, struct qk_transport **ret)
{
	int fd = open_node(path);

	return fd < 0 ? fd : qk_transport_take_chardev(fd, path, ret);
}

int qk_transport_take_chardev(int take_fd, const char *path, struct qk_transport **ret)
{
	enum qk_stream_kind kind = QK_STREAM_OTHER;
	uint16_t limit = 0;
	int r = check_and_lock(take_fd);

	if (r == 0 && isatty(take_fd)) {
		kind = QK_STREAM_TTY;
		r = set_raw(take_fd);
	} else if (r == 0 && ioctl(take_fd, IOCTL_WDM_MAX_COMMAND, &limit) == 0) {
		kind = QK_STREAM_WDM;
	}
	if (r < 0) {
		close(take_fd);
		return r;
	}

	struct qk_transport *transport;

	r = qk_stream_new(take_fd, kind, path, &transport);
	if (r < 0)
		return r;
	if (kind == QK_STREAM_WDM) {
		/* The driver cuts what is longer, and says nothing. */
		transport->frame_limit = limit;
		transport->messages = true;
	}
	*ret = transport;
	return 0;
}
