/*
 * Reading and replacing state files without trusting the folder's other users.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* libqmi's qmi-network 1.32: the name is that of the device's node. */
#define OLD_PREFIX "/tmp/qmi-network-state-"
static const char prefix[] = "qmi-network-state-";

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What a device's state is called: its node's name; of /dev/modems/1-1/qmi, which all modems have, 1-1. */
static const char *name_of(const char *device, int *ret_length)
{
	static const char folder[] = "/dev/modems/";
	const char *name = base_name(device);

	if (strncmp(device, folder, sizeof(folder) - 1) == 0)
		name = device + sizeof(folder) - 1;
	*ret_length = (int)strcspn(name, "/");
	return name;
}

/* A user of the files in `st` who is neither this one nor root, or one who may write besides. */
static bool is_foreign(const struct stat *st)
{
	return (st->st_uid != geteuid() && st->st_uid != 0) || (st->st_mode & 022);
}

static int open_folder(struct store *store, const char *folder, struct failure *f)
{
	struct stat st;

	store->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->folder < 0 && errno == ENOENT)
		return 0;
	if (store->folder < 0 || fstat(store->folder, &st) < 0)
		return failure_set(f, EXIT_HOST, "%s: %s", folder, strerror(errno));
	if (is_foreign(&st))
		return failure_set(f, EXIT_HOST,
				   "%s: others may write to this folder; remove it, "
				   "it is made anew",
				   folder);
	return 0;
}

int store_open(struct store *store, const char *folder, const char *device, struct failure *failure)
{
	int length, n, m, l;
	const char *name = name_of(device, &length);

	*store = (struct store){ .folder = -1, .lock = -1 };
	n = snprintf(store->path, sizeof(store->path), "%s/%s%.*s", folder, prefix, length, name);
	m = snprintf(store->old_path, sizeof(store->old_path), OLD_PREFIX "%.*s", length, name);
	l = snprintf(store->lock_name, sizeof(store->lock_name), "%.*s.lock", length, name);
	if (n < 0 || (size_t)n >= sizeof(store->path) || l < 0 ||
	    (size_t)l >= sizeof(store->lock_name))
		return failure_set(failure, EXIT_HOST, "%s: the name is too long", device);
	if (m < 0 || (size_t)m >= sizeof(store->old_path))
		*store->old_path = 0;
	store->name = base_name(store->path);
	store->device = device;
	return open_folder(store, folder, failure);
}

int store_lock(struct store *store, struct failure *failure)
{
	int saved;

	if (store->folder < 0) {
		char folder[sizeof(store->path)];

		snprintf(folder, sizeof(folder), "%.*s", (int)(store->name - store->path - 1),
			 store->path);
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return failure_set(failure, EXIT_HOST, "%s: %s", folder, strerror(errno));
		if (open_folder(store, folder, failure))
			return failure->code;
	}
	store->lock = openat(store->folder, store->lock_name,
			     O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (store->lock >= 0 && flock(store->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	saved = errno;
	if (saved == EWOULDBLOCK)
		return failure_set(failure, EXIT_BUSY,
				   "another qmi-network is starting or stopping this network; "
				   "wait for it");
	return failure_set(failure, EXIT_HOST, "%s.lock: %s", store->path, strerror(saved));
}

/* Opens a state file; -ENOENT, -EPERM when others could have written it, or another errno. */
static int open_file(int folder, const char *name, bool foreign)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || is_foreign(&st) ||
	    (foreign && (st.st_uid != 0 || st.st_nlink != 1))) {
		close(fd);
		return -EPERM;
	}
	return fd;
}

/* Whether the node of the device was made after the file was written. */
static bool is_older_than_node(int fd, const char *device)
{
	struct stat file, node;

	return fstat(fd, &file) == 0 && stat(device, &node) == 0 && S_ISCHR(node.st_mode) &&
	       (file.st_mtim.tv_sec < node.st_ctim.tv_sec ||
		(file.st_mtim.tv_sec == node.st_ctim.tv_sec &&
		 file.st_mtim.tv_nsec < node.st_ctim.tv_nsec));
}

int store_load(struct store *store, struct state *ret, const char **ret_path,
	       struct failure *failure)
{
	int fd = store->folder < 0 ? -ENOENT : open_file(store->folder, store->name, false);
	const char *path = store->path;
	char *text;
	size_t size;
	int r;

	*ret = (struct state){ 0 };
	if (fd == -ENOENT && *store->old_path) {
		path = store->old_path;
		fd = open_file(AT_FDCWD, path, true);
		/* Anybody may put a file there; that is no reason not to go on. */
		if (fd < 0)
			return -ENOENT;
	}
	if (fd < 0)
		return fd == -ENOENT ? fd
				     : failure_set(failure, EXIT_HOST, "%s: %s", path,
						   fd == -EPERM ? "others may have written it"
								: strerror(-fd));
	store->is_outdated = is_older_than_node(fd, store->device);
	r = assignments_read(fd, &text, &size);
	if (r < 0)
		return failure_set(failure, EXIT_HOST, "%s: %s", path, strerror(-r));
	r = state_parse(path, text, size, ret, failure);
	free(text);
	*ret_path = path;
	return r;
}

static int write_file(struct store *store, const char *name, const char *text, size_t size)
{
	int fd = openat(store->folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			0600);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do
		n = write(fd, text, size);
	while (n < 0 && errno == EINTR);
	n = n < 0 ? -errno : (size_t)n < size ? -ENOSPC : 0;
	if (close(fd) < 0 && n == 0)
		n = -errno;
	return (int)n;
}

int store_save(struct store *store, const struct state *state, struct failure *failure)
{
	char text[STATE_TEXT_MAX], name[300];
	size_t size = state_format(state, text);
	int r;

	snprintf(name, sizeof(name), "%s.new", store->name);
	r = write_file(store, name, text, size);
	if (r == 0 && renameat(store->folder, name, store->folder, store->name) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	unlinkat(store->folder, name, 0);
	return failure_set(failure, EXIT_HOST, "%s: %s", store->path, strerror(-r));
}

void store_clear(struct store *store)
{
	int fd;

	if (store->folder >= 0)
		unlinkat(store->folder, store->name, 0);
	fd = *store->old_path ? open_file(AT_FDCWD, store->old_path, true) : -1;
	if (fd < 0)
		return;
	close(fd);
	unlink(store->old_path);
}

void store_close(struct store *store)
{
	if (store->lock >= 0)
		close(store->lock);
	if (store->folder >= 0)
		close(store->folder);
	store->lock = store->folder = -1;
}
