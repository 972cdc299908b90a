/*
 * What -d may be, and how each is opened.
 */
#include "target.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qmikit/ports.h>
#include <qmikit/proxy.h>

#include "sim/transport.h"

static const char opening[] = "couldn't open the QmiDevice";

/* What is no path, by its beginning. */
static const struct {
	const char *prefix;
	enum target_kind kind;
} spellings[] = {
	{ "unix:", TARGET_ADDRESS },
	{ "qrtr://", TARGET_ADDRESS },
	{ "qmuxd:", TARGET_ADDRESS },
	{ "sim:", TARGET_SIM },
};

/* Removes "//", "/." and "/.." from an absolute path, in place, without looking at links. */
static void clean_path(char *path)
{
	char *out = path;
	const char *in = path;

	while (*in) {
		size_t size;

		while (*in == '/')
			in++;
		size = strcspn(in, "/");
		if (size == 2 && in[0] == '.' && in[1] == '.') {
			while (out > path && *--out != '/')
				;
		} else if (size && !(size == 1 && in[0] == '.')) {
			*out++ = '/';
			memmove(out, in, size);
			out += size;
		}
		in += size;
	}
	if (out == path)
		*out++ = '/';
	*out = 0;
}

/* The path as libqmi shows it: absolute; a file: address is a path too. */
static char *absolute_path(const char *given)
{
	char *path = NULL, *directory;

	if (!strncmp(given, "file://", 7))
		given += 7;
	if (*given == '/') {
		path = strdup(given);
	} else {
		directory = getcwd(NULL, 0);
		if (!directory || asprintf(&path, "%s/%s", directory, given) < 0)
			path = NULL;
		free(directory);
	}
	if (path)
		clean_path(path);
	return path;
}

static int no_memory(struct failure *f)
{
	return failure_set(f, EXIT_FAILED, "out of memory");
}

static int use_path(const char *path, struct target *ret, struct failure *f)
{
	ret->kind = strncmp(path, "qrtr://", 7) ? TARGET_PATH : TARGET_ADDRESS;
	ret->name = ret->kind == TARGET_PATH ? absolute_path(path) : strdup(path);
	return ret->name ? 0 : no_memory(f);
}

static int choose_only(struct target *ret, struct failure *f)
{
	struct qk_port *ports;
	size_t count;
	int r = qk_ports_list(NULL, &ports, &count);

	if (r < 0)
		count = 0;
	if (count == 1) {
		r = use_path(ports[0].path, ret, f);
	} else {
		failure_set(f, EXIT_USAGE, "no device path specified%s",
			    count ? ", and this machine has several QMI devices"
				  : ", and this machine has no QMI device");
		failure_hint(f, count ? "choose one with -d; qmicli -L lists them"
				      : "plug a modem in, or try a virtual one with -d sim:");
		if (!count)
			f->code = EXIT_GONE;
		else
			f->code = EXIT_USAGE;
		r = f->code;
	}
	if (count)
		qk_ports_free(ports);
	return r;
}

int target_choose(const struct options *options, struct target *ret, struct failure *failure)
{
	const char *device = options->device;

	*ret = (struct target){ 0 };
	if (!device)
		return choose_only(ret, failure);
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		if (strncmp(device, spellings[i].prefix, strlen(spellings[i].prefix)))
			continue;
		ret->kind = spellings[i].kind;
		ret->name = strdup(device);
		return ret->name ? 0 : no_memory(failure);
	}
	if (!*device)
		return failure_set(failure, EXIT_USAGE, "%s: the path is empty", opening);
	if (strstr(device, "://") && strncmp(device, "file://", 7))
		return failure_set(failure, EXIT_UNSUPPORTED, "%s: %s: no such kind of device",
				   opening, device);
	return use_path(device, ret, failure);
}

void target_done(struct target *target)
{
	free(target->name);
	*target = (struct target){ 0 };
}

int target_open(const struct target *target, struct qk_transport **ret, struct failure *failure)
{
	char error[160] = "";
	int r = -EINVAL;

	switch (target->kind) {
	case TARGET_PATH:
	case TARGET_ADDRESS:
		r = qk_transport_open(target->name, ret);
		break;
	case TARGET_SIM:
		r = qk_sim_transport_open(target->name + strlen("sim:"), ret, error, sizeof(error));
		break;
	}
	if (r >= 0)
		return 0;
	if (r == -EPROTONOSUPPORT)
		return failure_set(failure, EXIT_UNSUPPORTED,
				   "%s: %s: this kind of device is not supported yet", opening,
				   target->name);
	if (*error && r != -ENOMEM)
		return failure_set(failure, EXIT_GONE, "%s: %s: %s", opening, target->name, error);
	return failure_errno(failure, opening, target->name, r);
}

/* The broker beside this program, where the two were built or unpacked together; or NULL. */
static char *proxy_beside(void)
{
	static const char *const places[] = { "../proxy/qmi-proxy", "qmi-proxy" };
	char own[PATH_MAX], *path = NULL;
	ssize_t size = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash;

	own[size < 0 ? 0 : size] = 0;
	slash = strrchr(own, '/');
	if (!slash)
		return NULL;
	*slash = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (asprintf(&path, "%s/%s", own, places[i]) < 0)
			return NULL;
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

int target_open_proxy(bool start, struct qk_transport **ret)
{
	char *program = start ? proxy_beside() : NULL;
	const struct qk_proxy_connect_options options = {
		.address = secure_getenv("QMI_PROXY_SOCKET"),
		.start = start,
		.program = program,
	};
	int r = qk_proxy_connect_sync(&options, ret);

	free(program);
	return r;
}
