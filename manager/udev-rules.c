/*
 * Rules of udev: a file that has one of the same name before it in the order of folders is not in force. Comments are
 * not told from rules: who sets a tag by a program says so in one.
 */
#include "udev-rules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define TAG "ID_MM_"
#define PORT_TYPE "PORT_TYPE_"

enum { KEEP_USEC = 3000000 };

/* As udev has them (udev(7)), the first before the others; tags of the hardware database are rules, too. */
static const struct folder {
	const char *path, *suffix;
} folders[] = {
	{ "/etc/udev/rules.d", ".rules" },           { "/run/udev/rules.d", ".rules" },
	{ "/usr/local/lib/udev/rules.d", ".rules" }, { "/usr/lib/udev/rules.d", ".rules" },
	{ "/lib/udev/rules.d", ".rules" },           { "/etc/udev/hwdb.d", ".hwdb" },
};

static bool names_modems(const char *text)
{
	for (const char *at = strstr(text, TAG); at; at = strstr(at, TAG)) {
		at += strlen(TAG);
		if (strncmp(at, PORT_TYPE, strlen(PORT_TYPE)) != 0)
			return true;
	}
	return false;
}

static bool is_in_force(const char *root, const struct folder *folder, const char *name)
{
	char path[PATH_MAX];

	for (const struct folder *before = folders; before < folder; before++) {
		snprintf(path, sizeof(path), "%s%s/%s", root, before->path, name);
		if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return false;
	}
	return true;
}

static bool file_names_modems(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	bool names = !file;
	char *line = NULL;
	size_t size = 0;

	while (!names && getline(&line, &size, file) > 0)
		names = names_modems(line);
	free(line);
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
	return names;
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t size = strlen(name), end = strlen(suffix);

	return size > end && strcmp(name + size - end, suffix) == 0;
}

static void look_into(const char *root, const struct folder *folder, char *ret, size_t size)
{
	const struct dirent *entry;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", root, folder->path);

	DIR *dir = opendir(path);

	if (!dir && errno != ENOENT)
		snprintf(ret, size, "%s", folder->path);
	while (dir && !*ret && (entry = readdir(dir))) {
		if (has_suffix(entry->d_name, folder->suffix) &&
		    file_names_modems(dirfd(dir), entry->d_name) &&
		    is_in_force(root, folder, entry->d_name))
			snprintf(ret, size, "%s/%s", folder->path, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

const char *udev_rules_that_name_modems(struct udev_rules *rules, uint64_t now_usec)
{
	const char *root = rules->root ? rules->root : "";

	if (!rules->read_usec || now_usec - rules->read_usec >= KEEP_USEC) {
		rules->read_usec = now_usec;
		rules->file[0] = 0;
		for (size_t i = 0; i < COUNT(folders) && !*rules->file; i++)
			look_into(root, &folders[i], rules->file, sizeof(rules->file));
	}
	return *rules->file ? rules->file : NULL;
}
