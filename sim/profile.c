/*
 * Profile, loading: by name from the built-in ones or by path (see profile.h).
 */
#include "profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1024 * 1024)

static bool is_path(const char *name)
{
	size_t size = strlen(name);

	return strchr(name, '/') || (size > 5 && strcmp(name + size - 5, ".json") == 0);
}

static int no_such(const char *name, char *error, size_t error_size)
{
	int used = snprintf(error, error_size, "no profile '%.60s'; there are:", name);

	for (size_t i = 0; i < qk_sim_builtin_count && used > 0 && (size_t)used < error_size; i++)
		used += snprintf(error + used, error_size - (size_t)used, " %s",
				 qk_sim_builtins[i].name);
	return -ENOENT;
}

static int load_builtin(const char *name, struct qk_sim_profile **ret, char *error,
			size_t error_size)
{
	for (size_t i = 0; i < qk_sim_builtin_count; i++)
		if (strcmp(qk_sim_builtins[i].name, name) == 0)
			return qk_sim_profile_parse(name, qk_sim_builtins[i].json,
						    qk_sim_builtins[i].size, ret, error,
						    error_size);
	return no_such(name, error, error_size);
}

/* The bytes of the file, at most FILE_MAX, or a negative errno. */
static ssize_t read_all(int fd, char *buffer)
{
	size_t used = 0;

	while (used <= FILE_MAX) {
		ssize_t n = read(fd, buffer + used, FILE_MAX + 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return (ssize_t)used;
		used += (size_t)n;
	}
	return -EFBIG;
}

static int load_file(const char *path, struct qk_sim_profile **ret, char *error, size_t error_size)
{
	/* a FIFO nobody writes to must not hold the program up */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *buffer = fd < 0 ? NULL : malloc(FILE_MAX + 1);
	ssize_t size = fd < 0 ? -errno : buffer ? read_all(fd, buffer) : -ENOMEM;
	int r = (int)size;

	if (size >= 0)
		r = qk_sim_profile_parse(path, buffer, (size_t)size, ret, error, error_size);
	else
		snprintf(error, error_size, "profile '%.60s': %s", path, strerror((int)-size));
	free(buffer);
	if (fd >= 0)
		close(fd);
	return r;
}

int qk_sim_profile_load(const char *name, struct qk_sim_profile **ret, char *error,
			size_t error_size)
{
	if (!name || !*name)
		name = QK_SIM_PROFILE_DEFAULT;
	if (is_path(name))
		return load_file(name, ret, error, error_size);
	return load_builtin(name, ret, error, error_size);
}

struct qk_sim_profile *qk_sim_profile_free(struct qk_sim_profile *profile)
{
	free(profile);
	return NULL;
}

const struct qk_sim_service *qk_sim_profile_service(const struct qk_sim_profile *profile,
						    uint8_t id)
{
	for (size_t i = 0; i < profile->service_count; i++)
		if (profile->services[i].id == id)
			return &profile->services[i];
	return NULL;
}
