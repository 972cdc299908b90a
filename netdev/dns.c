/*
 * Running resolvectl or resolvconf, with an environment of our own.
 */
#include "netdev/dns.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MSEC = 10000, WORDS = QK_DNS_SERVERS + 4, TEXT = 512 };

/* The words of a command: "@" is the interface, "@!" its name in resolvconf's form; "*" is each
 * server, a word each. */
static const struct manager {
	const char *name;
	const char *programs[3];       /* the first that is there; ends with NULL */
	const char *socket;            /* that answers while its service runs; NULL: it has none */
	const char *set[5], *clear[4]; /* behind the program's name; each ends with NULL */
	bool reads_servers;            /* as the lines of a resolv.conf, on its stdin */
} managers[] = {
	{ "resolvectl",
	  { "/usr/bin/resolvectl", "/bin/resolvectl", NULL },
	  "/run/systemd/resolve/io.systemd.Resolve",
	  { "dns", "@", "*", NULL },
	  { "revert", "@", NULL },
	  false },
	{ "resolvconf",
	  { "/sbin/resolvconf", "/usr/sbin/resolvconf", NULL },
	  NULL,
	  { "-a", "@!", NULL },
	  { "-d", "@!", NULL },
	  true },
};

#define MANAGERS (sizeof(managers) / sizeof(managers[0]))

/* A command being put together. */
struct command {
	const char *words[WORDS + 1];
	size_t count;
	char tagged[IF_NAMESIZE + 16];
	char servers[QK_DNS_SERVERS][QK_ADDRESS_TEXT];
	char input[TEXT]; /* for its stdin */
};

static bool answers(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool good;

	if (fd < 0)
		return false;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	good = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN;
	close(fd);
	return good;
}

/* The program of a manager that can be used, or NULL. */
static const char *find_program(const struct manager *manager)
{
	if (manager->socket && !answers(manager->socket))
		return NULL;
	for (size_t i = 0; manager->programs[i]; i++)
		if (access(manager->programs[i], X_OK) == 0)
			return manager->programs[i];
	return NULL;
}

static void prepare(struct command *command, const char *interface,
		    const struct qk_address *servers, size_t count)
{
	size_t size = 0;

	snprintf(command->tagged, sizeof(command->tagged), "%.15s.qmi-network", interface);
	for (size_t i = 0; i < count && i < QK_DNS_SERVERS; i++) {
		qk_address_text(&servers[i], false, command->servers[i]);
		size += (size_t)snprintf(command->input + size, sizeof(command->input) - size,
					 "nameserver %.49s\n", command->servers[i]);
	}
}

/* `pattern` is words as in struct manager. */
static void put_words(struct command *command, const char *program, const char *const *pattern,
		      const char *interface, size_t count)
{
	command->words[command->count++] = program;
	for (; *pattern; pattern++) {
		if (!strcmp(*pattern, "*"))
			for (size_t i = 0; i < count; i++)
				command->words[command->count++] = command->servers[i];
		else
			command->words[command->count++] = !strcmp(*pattern, "@") ? interface
							   : !strcmp(*pattern, "@!")
								   ? command->tagged
								   : *pattern;
	}
	command->words[command->count] = NULL;
}

/* A descriptor from which `text` is read. */
static int input_from(const char *text)
{
	int fd = memfd_create("servers", MFD_CLOEXEC);
	size_t size = strlen(text);

	if (fd < 0)
		return -errno;
	if (write(fd, text, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static int await(pid_t pid)
{
	struct pollfd wait = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	int status = 0, r;

	do
		r = poll(&wait, 1, PATIENCE_MSEC);
	while (r < 0 && errno == EINTR);
	if (wait.fd >= 0)
		close(wait.fd);
	if (r == 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (r == 0)
		return -ETIMEDOUT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* Starts it with default signals, nothing on stdout and stderr, and a session of its own: Ctrl-C is
 * ours to handle. */
static int spawn(const struct command *command, int input, pid_t *ret)
{
	static const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
						   NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&actions) || posix_spawnattr_init(&attributes))
		return -ENOMEM;
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETSID);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	r = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO && !r; fd++)
		r = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
	if (!r)
		r = posix_spawn(ret, command->words[0], &actions, &attributes,
				(char *const *)command->words, (char *const *)environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static int run(const struct manager *manager, const struct command *command)
{
	int input = input_from(manager->reads_servers ? command->input : ""), r;
	pid_t pid;

	if (input < 0)
		return input;
	r = spawn(command, input, &pid);
	close(input);
	return r < 0 ? r : await(pid);
}

/* A name is a word of a command: it may not be an option. */
static bool is_interface(const char *name)
{
	size_t size = strlen(name);

	return size > 0 && size < IF_NAMESIZE && *name != '-' && !strchr(name, '/');
}

const char *qk_dns_manager(void)
{
	for (size_t i = 0; i < MANAGERS; i++)
		if (find_program(&managers[i]))
			return managers[i].name;
	return NULL;
}

/* Runs a manager's command for setting, or that for clearing. */
static int tell(const char *name, bool set, const char *interface, const struct qk_address *servers,
		size_t count)
{
	struct command command = { 0 };

	if (!is_interface(interface) || count > QK_DNS_SERVERS)
		return -EINVAL;
	prepare(&command, interface, servers, count);
	for (size_t i = 0; i < MANAGERS; i++) {
		const struct manager *manager = &managers[i];
		const char *program = strcmp(manager->name, name) ? NULL : find_program(manager);

		if (!program)
			continue;
		put_words(&command, program, set ? manager->set : manager->clear, interface, count);
		return run(manager, &command);
	}
	return -ENOENT;
}

int qk_dns_set(const char *manager, const char *interface, const struct qk_address *servers,
	       size_t count)
{
	return tell(manager, true, interface, servers, count);
}

int qk_dns_clear(const char *manager, const char *interface)
{
	return tell(manager, false, interface, NULL, 0);
}
