/*
 * qmi-proxy: owns the ports of QMI modems and shares them.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "server.h"
#include "status-client.h"

enum { LARGE = 32 * 1024 };

/* What is opened first must not become the standard output of a program that was started without. */
static bool open_standard(void)
{
	int fd;

	for (int standard = 0; standard <= STDERR_FILENO; standard++) {
		if (fcntl(standard, F_GETFD) >= 0)
			continue;
		fd = open("/dev/null", O_RDWR);
		if (fd != standard)
			return false;
	}
	return true;
}

static int print(const char *text)
{
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF) {
		fprintf(stderr, "error: stdout: %s\n", strerror(errno));
		return -EIO;
	}
	return 0;
}

static int serve(const struct options *options)
{
	/* A modem takes some 50 KiB: pages of 2 MiB would be memory for nothing, and so would what a text that was
	 * large for a moment leaves in the heap. */
	(void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);

	struct server *server = malloc(sizeof(*server));
	int r = server ? server_open(server, options) : -ENOMEM;

	if (r == 0) {
		r = server_run(server);
		if (r < 0)
			fprintf(stderr, "error: %s\n", strerror(-r));
	}
	if (server)
		server_close(server);
	else
		fprintf(stderr, "error: out of memory\n");
	free(server);
	return r;
}

int main(int argc, char **argv)
{
	struct options options;
	int r;

	if (!open_standard())
		return EXIT_FAILURE;
	r = options_read(argc, argv, &options);
	if (r < 0)
		return EXIT_FAILURE;
	switch (options.verb) {
	case VERB_RUN:
		r = serve(&options);
		break;
	case VERB_STATUS:
		r = status_ask(&options);
		break;
	case VERB_HELP:
		r = print(options_help);
		break;
	case VERB_VERSION:
		r = print("qmi-proxy " QK_VERSION "\n");
		break;
	}
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
