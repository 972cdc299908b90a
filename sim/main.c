/*
 * qmi-sim: virtual modems as a program. Makes them from a profile, gives them faces and runs until a
 * signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "ctl-client.h"
#include "datapath-usb.h"
#include "face.h"
#include "options.h"
#include "scenario.h"
#include "shell.h"
#include "slirp.h"

#define FACES_PER_MODEM 7
#define DESCRIPTORS 65536u

#define STEPS_AT_ONCE 1000u

struct program {
	struct qk_sim_options options;
	struct qk_sim_profile *profile;
	struct qk_sim_loop loop;
	struct qk_control *control;
	struct qk_scenario *scenario;
	struct qk_sim_timer scenario_timer;
	struct qk_slirp slirp;
	struct qk_datapath_usb *paths[QK_SIM_MODEMS_MAX]; /* of those on the bus */
	struct qk_sim_face *usbip;                        /* one of the faces, or NULL */
	struct qk_sim_face *faces[QK_SIM_MODEMS_MAX * FACES_PER_MODEM +
				  2]; /* and the control socket, and USB/IP */
	size_t face_count;
	char error[512];
};

typedef int (*face_open_fn)(struct qk_sim_loop *loop, struct qk_sim *sim, const char *path,
			    struct qk_sim_face **ret, char *error, size_t error_size);

/* PATH alone for one modem, PATH0, PATH1, ... for several. */
static int number_path(struct program *program, const char *path, size_t modem, char ret[PATH_MAX])
{
	int size = program->options.count > 1 ? snprintf(ret, PATH_MAX, "%s%zu", path, modem)
					      : snprintf(ret, PATH_MAX, "%s", path);

	if (size >= 0 && size < PATH_MAX)
		return 0;
	snprintf(program->error, sizeof(program->error), "%.200s: %s", path,
		 strerror(ENAMETOOLONG));
	return -ENAMETOOLONG;
}

static int open_face(struct program *program, face_open_fn open_fn, const char *path, size_t modem)
{
	char numbered[PATH_MAX];
	int r = path ? number_path(program, path, modem, numbered) : 0;

	if (!path || r < 0)
		return r;
	r = open_fn(&program->loop, program->loop.modems[modem], numbered,
		    &program->faces[program->face_count], program->error, sizeof(program->error));
	program->face_count += r == 0;
	return r;
}

/* Who controls the modem wants to know where its Linux is to be spoken to. */
static int open_qmuxd(struct program *program, size_t modem)
{
	const char *folder = program->options.qmuxd;
	char numbered[PATH_MAX], absolute[PATH_MAX];
	int r = open_face(program, qk_sim_face_qmuxd_open, folder, modem);

	if (!folder || r < 0)
		return r;
	r = number_path(program, folder, modem, numbered);
	if (r == 0 && !realpath(numbered, absolute))
		r = -errno;
	return r < 0 ? r : qk_control_set_qmuxd(program->control, modem, absolute);
}

static int open_net(struct program *program, size_t modem)
{
	const char *path = program->options.net;
	char numbered[PATH_MAX];
	int r = path ? number_path(program, path, modem, numbered) : 0;

	if (!path || r < 0)
		return r;
	r = qk_sim_face_net_open(&program->loop, program->loop.modems[modem], numbered,
				 &qk_slirp_outside, &program->slirp,
				 &program->faces[program->face_count], program->error,
				 sizeof(program->error));
	program->face_count += r == 0;
	return r;
}

static int open_qrtr(struct program *program, size_t modem)
{
	if (!program->options.qrtr)
		return 0;
	int r = qk_sim_face_qrtr_open(&program->loop, program->loop.modems[modem],
				      &program->faces[program->face_count], program->error,
				      sizeof(program->error));
	program->face_count += r == 0;
	return r;
}

/* Where the modem is a USB device: on this kernel, or on the one that will ask for it. */
static int plug_in(struct program *program, size_t modem)
{
	struct qk_sim *sim = program->loop.modems[modem];

	if (!program->options.usb && !program->usbip)
		return 0;
	int r = qk_datapath_usb_new(sim, &qk_slirp_outside, &program->slirp,
				    &program->paths[modem]);
	if (r == 0 && program->usbip)
		r = qk_sim_face_usbip_add(program->usbip, sim, &program->paths[modem]->network);
	if (r < 0) {
		snprintf(program->error, sizeof(program->error), "%s", strerror(-r));
		return r;
	}
	if (program->options.no_rhythm)
		qk_sim_state(sim)->usb.rhythm_usec = 0;
	if (program->usbip)
		return 0;
	r = qk_sim_face_usb_open(&program->loop, sim, &program->paths[modem]->network,
				 &program->faces[program->face_count], program->error,
				 sizeof(program->error));
	program->face_count += r == 0;
	return r;
}

static int open_usbip(struct program *program)
{
	if (!program->options.usbip)
		return 0;
	int r = qk_sim_face_usbip_open(&program->loop, program->options.usbip, &program->usbip,
				       program->error, sizeof(program->error));
	if (r == 0)
		program->faces[program->face_count++] = program->usbip;
	return r;
}

static int arm(struct program *program, struct qk_sim *sim)
{
	for (uint32_t i = 0; i < program->options.fault_count; i++) {
		int r = qk_sim_arm(sim, &program->options.faults[i]);
		if (r < 0) {
			snprintf(program->error, sizeof(program->error),
				 "the profile and --fault have too many faults");
			return r;
		}
	}
	return 0;
}

/* On the bus a modem boots as it does when it gets power; elsewhere it was booted long ago, unless
 * something else is asked for. */
static void start(const struct qk_sim_options *options, struct qk_sim *sim)
{
	struct qk_sim_state *state = qk_sim_state(sim);

	state->time_scale_ppm = options->time_scale_ppm;
	if (options->cold || (options->usb && !options->warm))
		qk_sim_state_reboot(state, 0);
}

static int add_modem(struct program *program, size_t i)
{
	const struct qk_sim_options *options = &program->options;
	struct qk_sim_loop *loop = &program->loop;
	int r = qk_sim_new(program->profile, options->seed + i, qk_sim_loop_now(),
			   &loop->modems[i]);

	if (r < 0) {
		snprintf(program->error, sizeof(program->error), "%s", strerror(-r));
		return r;
	}
	loop->modem_count++;
	r = arm(program, loop->modems[i]);
	start(options, loop->modems[i]);
	return r < 0 ? r : qk_control_add_modem(program->control, loop->modems[i]);
}

static int open_faces(struct program *program, size_t i)
{
	const struct qk_sim_options *options = &program->options;
	int r = open_face(program, qk_sim_face_pty_open, options->pty, i);

	if (r == 0)
		r = open_face(program, qk_sim_face_at_open, options->at, i);
	if (r == 0)
		r = open_face(program, qk_sim_face_unix_open, options->socket, i);
	if (r == 0)
		r = open_qmuxd(program, i);
	if (r == 0)
		r = open_qrtr(program, i);
	if (r == 0)
		r = open_net(program, i);
	if (r == 0)
		r = plug_in(program, i);
	return r;
}

static int open_control(struct program *program)
{
	if (!program->options.control)
		return 0;
	int r = qk_sim_face_control_open(&program->loop, program->control, program->options.control,
					 &program->faces[program->face_count], program->error,
					 sizeof(program->error));
	program->face_count += r == 0;
	return r;
}

/* What the modems refuse is said, and the scenario goes on. */
static void on_scenario(struct qk_sim_timer *timer)
{
	struct program *program =
		(struct program *)((char *)timer - offsetof(struct program, scenario_timer));
	int r = 1;

	/* one that repeats in no time must not keep everything else from running */
	for (unsigned int i = 0; r != 0 && i < STEPS_AT_ONCE; i++) {
		r = qk_scenario_advance(program->scenario, qk_sim_loop_now(), program->error,
					sizeof(program->error));
		if (r < 0)
			fprintf(stderr, "scenario: %s\n", program->error);
	}
	timer->due_usec = qk_scenario_next_usec(program->scenario);
}

static int load_scenario(struct program *program)
{
	if (!program->options.scenario)
		return 0;
	return qk_scenario_load(program->options.scenario, program->control, &program->scenario,
				program->error, sizeof(program->error));
}

static void start_scenario(struct program *program)
{
	if (!program->scenario)
		return;
	qk_scenario_start(program->scenario, qk_sim_loop_now(), program->options.time_scale_ppm);
	program->scenario_timer =
		(struct qk_sim_timer){ .due_usec = qk_scenario_next_usec(program->scenario),
				       .due = on_scenario };
	qk_sim_loop_add_timer(&program->loop, &program->scenario_timer);
}

/* Sockets of data calls and users of many modems are more than what a shell allows at first. */
static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS)
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* Tells a service manager, if there is one: one datagram to its socket. */
static void notify_ready(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path));
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (*path == '@')
		address.sun_path[0] = 0;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, "READY=1", 7, MSG_NOSIGNAL, (struct sockaddr *)&address, size);
	close(fd);
}

static int run(struct program *program)
{
	int r = qk_sim_profile_load(program->options.profile, &program->profile, program->error,
				    sizeof(program->error));
	if (r < 0)
		return r;
	allow_descriptors();
	r = qk_sim_loop_open(&program->loop);
	if (r == 0)
		r = qk_slirp_open(&program->slirp, &program->loop, program->options.internet);
	if (r < 0) {
		snprintf(program->error, sizeof(program->error), "%s", strerror(-r));
		return r;
	}
	r = qk_control_new(&program->control);
	if (r == 0 && program->options.usb)
		r = qk_sim_face_usb_check(program->options.count, program->error,
					  sizeof(program->error));
	for (uint32_t i = 0; r == 0 && i < program->options.count; i++)
		r = add_modem(program, i);
	if (r == 0)
		r = load_scenario(program);
	if (r == 0)
		r = open_usbip(program);
	for (uint32_t i = 0; r == 0 && i < program->options.count; i++)
		r = open_faces(program, i);
	if (r == 0)
		r = open_control(program);
	if (r < 0)
		return r;
	start_scenario(program);
	/* who waits for this would wait for ever */
	if (puts("ready") == EOF || fflush(stdout) == EOF) {
		r = -errno;
		snprintf(program->error, sizeof(program->error), "stdout: %s", strerror(-r));
		return r;
	}
	notify_ready();
	r = qk_sim_loop_run(&program->loop);
	if (r < 0)
		snprintf(program->error, sizeof(program->error), "%s", strerror(-r));
	return r;
}

static void clean_up(struct program *program)
{
	while (program->face_count) {
		struct qk_sim_face *face = program->faces[--program->face_count];
		face->close(face);
	}
	qk_scenario_free(program->scenario);
	qk_control_free(program->control);
	for (size_t i = 0; i < QK_SIM_MODEMS_MAX; i++)
		qk_datapath_usb_free(program->paths[i]);
	qk_slirp_close(&program->slirp);
	for (size_t i = 0; i < program->loop.modem_count; i++)
		qk_sim_free(program->loop.modems[i]);
	qk_sim_loop_close(&program->loop);
	qk_sim_profile_free(program->profile);
	free(program);
}

/* What is opened first must not become the standard output of a program that was started without. */
static int open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	if (open_standard() < 0)
		return EXIT_FAILURE;
	if (argc > 1 && strcmp(argv[1], "ctl") == 0)
		return qk_ctl_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "shell") == 0)
		return qk_shell_main(argc - 1, argv + 1);
	struct program *program = calloc(1, sizeof(*program));

	if (!program) {
		fputs("error: out of memory\n", stderr);
		return EXIT_FAILURE;
	}
	program->loop.epoll_fd = program->loop.signals.fd = -1;
	int r = qk_sim_options_read(argc, argv, &program->options, program->error,
				    sizeof(program->error));
	if (r == 0) {
		r = run(program);
	} else if (r > 0 && fflush(stdout) == EOF) {
		r = -errno;
		snprintf(program->error, sizeof(program->error), "stdout: %s", strerror(errno));
	}
	if (r < 0)
		fprintf(stderr, "error: %s\n", *program->error ? program->error : strerror(-r));
	clean_up(program);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
