/*
 * atfwd_daemon: a program of the modem's Linux. Registers AT commands with the modem, by QMI's AT service over
 * qmuxd, and answers them, as the one of that name does on the hardware.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <qmikit/at.h>
#include <qmikit/common.h>
#include <qmikit/device.h>

/* Where qmuxd's socket is on modems of this chip. */
#define DEVICE "qmuxd:/var"
#define TIMEOUT_USEC 5000000u
#define COMMANDS_MAX 32u
#define TEXT_SIZE 512u

/* What a command says behind its name; false: an error. */
typedef bool (*answer_fn)(const char *argument, char *text, size_t size);

struct command {
	const char *name; /* "+NAME", which ends at '=' */
	answer_fn answer;
	const char *argument;
};

struct program {
	const char *device_name;
	struct command commands[COMMANDS_MAX];
	size_t count;
	bool once, done;
	int signal_fd;
	struct qk_device *device;
	struct qk_client *client;
	struct qk_slot *indications;
};

static const char help[] =
	"Usage: atfwd_daemon [OPTION...]\n"
	"Answers AT commands of a modem from its own Linux: registers them in QMI's AT service.\n"
	"\n"
	"  -d, --device DEVICE     where QMI is spoken (" DEVICE ")\n"
	"  -c, --command +NAME=TEXT  one more command, and what it says\n"
	"  --once                  end when a command was answered\n"
	"  --help                  this text\n"
	"  --version               the version\n"
	"\n"
	"It answers +QVERSION and +QLINUXCPU, prints \"ready\" once it does, and ends on SIGTERM, SIGINT\n"
	"or SIGHUP. The manual: atfwd_daemon(1).\n";

static bool say_version(const char *argument, char *text, size_t size)
{
	(void)argument;
	snprintf(text, size, "qmikit %s", QK_VERSION);
	return true;
}

/* How many wait for the processor, on average of the last minute. */
static bool say_load(const char *argument, char *text, size_t size)
{
	double load;

	(void)argument;
	if (getloadavg(&load, 1) != 1)
		return false;
	snprintf(text, size, "%.2f", load);
	return true;
}

static bool say_argument(const char *argument, char *text, size_t size)
{
	snprintf(text, size, "%s", argument);
	return true;
}

/* Both names are among those that the hardware's program registers; what it answers is not public. */
static const struct command own_commands[] = {
	{ "+QVERSION", say_version, NULL },
	{ "+QLINUXCPU", say_load, NULL },
};

static int fail(const char *what, int r)
{
	const struct qk_error_info *info = r > 0 ? qk_error_by_code((uint16_t)r) : NULL;

	if (r > 0)
		fprintf(stderr, "error: %s: the modem refuses: %s (%d)\n", what,
			info ? info->name : "error", r);
	else
		fprintf(stderr, "error: %s: %s\n", what, strerror(-r));
	return EXIT_FAILURE;
}

/* The QMI protocol error of a response; 0: none. */
static int error_of(const void *response)
{
	const struct qk_response *answer = response;

	return answer->result.status ? answer->result.error : 0;
}

static size_t name_size(const struct command *command)
{
	return strcspn(command->name, "=");
}

static const struct command *find(const struct program *program, struct qk_string name)
{
	for (size_t i = 0; i < program->count; i++)
		if (name_size(&program->commands[i]) == name.size &&
		    !strncasecmp(program->commands[i].name, name.data, name.size))
			return &program->commands[i];
	return NULL;
}

/* The text for who has typed the command, with its line ends; false: it is an error. */
static bool make_text(const struct command *command, uint32_t form, char *text, size_t size)
{
	char value[TEXT_SIZE];

	*text = 0;
	if (!command || form & QK_AT_COMMAND_FORM_ARGUMENTS)
		return false;
	if (form & QK_AT_COMMAND_FORM_EQUALS)
		return true;
	if (!command->answer(command->argument, value, sizeof(value)))
		return false;
	snprintf(text, size, "\r\n%.*s: %s\r\n", (int)name_size(command), command->name, value);
	return true;
}

static void on_answered(struct qk_client *client, int status, const void *response, void *userdata)
{
	struct program *program = userdata;

	(void)client;
	if (status == 0)
		status = error_of(response);
	if (status != 0)
		fail("the answer to a command", status);
	program->done = program->done || program->once;
}

static void on_indication(struct qk_client *client, const struct qk_message *message,
			  const void *decoded, const struct qk_frame *frame, void *userdata)
{
	const struct qk_at_command_indication *given = decoded;
	const struct qk_call_options how = { .timeout_usec = TIMEOUT_USEC, .userdata = userdata };
	struct program *program = userdata;
	char text[TEXT_SIZE + 64];

	(void)frame;
	if (message != &qk_at_command_message || !given->has_command)
		return;

	bool good = make_text(find(program, given->command.name), given->command.form, text,
			      sizeof(text));
	const struct qk_at_answer_command_request answer = {
		.has_answer = true,
		.answer = { .handle = given->command.handle,
			    .result = good ? QK_AT_ANSWER_RESULT_OK : QK_AT_ANSWER_RESULT_ERROR,
			    .part = QK_AT_ANSWER_PART_COMPLETE,
			    .text = { text, strlen(text) } },
	};
	int r = qk_at_answer_command(client, &answer, &how, on_answered);

	if (r < 0)
		fail("the answer to a command", r);
}

static int add(struct program *program, const struct command *command)
{
	struct qk_at_registration row = {
		/* the flag, the length and the name */
		.size = (uint16_t)(name_size(command) + 2),
		.name = { command->name, name_size(command) },
	};
	const struct qk_at_register_commands_request request = { .has_commands = true,
								 .commands = { &row, 1 } };
	struct qk_at_register_commands_response response;
	_Alignas(max_align_t) uint8_t memory[4096];
	struct qk_arena arena = { .base = memory, .size = sizeof(memory) };
	int r = qk_call_sync(program->client, &qk_at_register_commands_method, &request,
			     TIMEOUT_USEC, &arena, &response);

	return r < 0 ? r : error_of(&response);
}

static int open_device(struct program *program)
{
	struct qk_transport *transport;
	int r = qk_transport_open(program->device_name, &transport);

	if (r == 0)
		r = qk_device_new(transport, NULL, &program->device);
	if (r == 0)
		r = qk_client_allocate_sync(program->device, QK_SERVICE_ID_AT, TIMEOUT_USEC,
					    &program->client);
	if (r == 0)
		r = qk_client_subscribe(program->client, on_indication, program, NULL,
					&program->indications);
	return r;
}

static int wait_for_work(struct program *program)
{
	uint64_t wait = qk_device_wait_usec(program->device);
	struct pollfd ready[] = { { .fd = qk_device_fd(program->device), .events = POLLIN },
				  { .fd = program->signal_fd, .events = POLLIN } };
	uint64_t msec = wait / 1000 + (wait % 1000 ? 1 : 0);

	if (poll(ready, 2, msec > 60000 ? 60000 : (int)msec) < 0 && errno != EINTR)
		return -errno;
	if (ready[1].revents)
		program->done = true;
	return qk_device_process(program->device);
}

static int catch_signals(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, NULL);

	int fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

static int run(struct program *program)
{
	int r = program->signal_fd = catch_signals();

	if (r >= 0)
		r = open_device(program);
	if (r != 0)
		return fail(program->device_name, r);
	for (size_t i = 0; i < program->count; i++) {
		r = add(program, &program->commands[i]);
		if (r != 0)
			return fail(program->commands[i].name, r);
	}
	if (puts("ready") == EOF || fflush(stdout) == EOF)
		return fail("standard output", -errno);
	while (r == 0 && !program->done)
		r = wait_for_work(program);
	if (r < 0)
		return fail(program->device_name, r);
	r = qk_client_release_sync(program->client, TIMEOUT_USEC);
	return r == 0 ? EXIT_SUCCESS : fail(program->device_name, r);
}

/* "+NAME=TEXT" */
static int add_option(struct program *program, const char *text)
{
	const char *equals = strchr(text, '=');

	if (*text != '+' || !equals || equals == text + 1 || program->count == COMMANDS_MAX) {
		fprintf(stderr, "error: --command: '%.60s' is no +NAME=TEXT, or one too many\n",
			text);
		return -EINVAL;
	}
	program->commands[program->count++] = (struct command){ text, say_argument, equals + 1 };
	return 0;
}

/* 0: go on; 1: all was said; or -EINVAL after a line on standard error. */
static int read_options(int argc, char **argv, struct program *program)
{
	static const struct option options[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "command", required_argument, NULL, 'c' },
		{ "once", no_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int option, r = 0;

	while (r == 0 && (option = getopt_long(argc, argv, "d:c:hV", options, NULL)) != -1) {
		if (option == 'd')
			program->device_name = optarg;
		else if (option == 'c')
			r = add_option(program, optarg);
		else if (option == 'o')
			program->once = true;
		else if (option == 'h' || option == 'V')
			r = printf("%s%s%s", option == 'h' ? help : "atfwd_daemon ",
				   option == 'h' ? "" : QK_VERSION, option == 'h' ? "" : "\n") < 0
				    ? -errno
				    : 1;
		else
			r = -EINVAL; /* getopt has said so */
	}
	if (r == 0 && optind < argc) {
		fprintf(stderr, "error: '%.60s' is no option (--help lists them)\n", argv[optind]);
		r = -EINVAL;
	}
	return r;
}

int main(int argc, char **argv)
{
	struct program program = { .device_name = DEVICE, .signal_fd = -1 };
	int r;

	memcpy(program.commands, own_commands, sizeof(own_commands));
	program.count = sizeof(own_commands) / sizeof(own_commands[0]);
	r = read_options(argc, argv, &program);
	if (r != 0)
		return r < 0 || fflush(stdout) == EOF ? EXIT_FAILURE : EXIT_SUCCESS;
	r = run(&program);
	qk_slot_free(program.indications);
	qk_client_unref(program.client);
	qk_device_unref(program.device);
	return r;
}
