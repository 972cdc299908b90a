/*
 * Profile, loading: by name from the built-in ones or by path (see profile.h).
 */
#include "profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

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

static int load_file(const char *path, struct qk_sim_profile **ret, char *error, size_t error_size)
{
	char *buffer = NULL;
	size_t size = 0;
	int r = qk_sim_read_file(path, FILE_MAX, &buffer, &size);

	if (r == 0)
		r = qk_sim_profile_parse(path, buffer, size, ret, error, error_size);
	else
		snprintf(error, error_size, "profile '%.60s': %s", path, strerror(-r));
	free(buffer);
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
	if (!profile)
		return NULL;
	for (size_t i = 0; i < profile->recorded_count; i++) {
		free(profile->recorded[i].request);
		free(profile->recorded[i].response);
	}
	free(profile->recorded);
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
