/*
 * survey: asks a modem what only reads, and leaves a recording that can be posted.
 *
 * What passes is recorded to a file of its own, which nobody else can read and which is deleted when
 * its anonymous copy is made.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <qmikit/json.h>
#include <qmikit/proxy.h>

#include "anonymise.h"
#include "pcapng-write.h"
#include "survey-rows.h"
#include "verbs.h"

#define USEC UINT64_C(1000000)
/* Two minutes, less what it takes to give a client id back and to make the copy. */
#define ASKING_USEC (110 * USEC)
#define ANSWER_USEC (5 * USEC) /* for one answer; some modems think for seconds */
#define AFTER_USEC (USEC / 2)  /* for indications that carry what an answer promised */
#define SILENT_MAX 4           /* requests in a row without an answer: it hangs */
#define ARENA_SIZE (4 * QK_FRAME_MAX)
#define REQUEST_MAX 4096
#define VALUES_MAX 4096

/* Of every service, whether its messages are defined or not: which messages it has. */
#define GET_SUPPORTED_MESSAGES 0x001e

static const char help[] =
	"Usage: qmi-trace survey -d DEVICE [-o FILE] [--direct]\n"
	"Asks a modem everything that only reads, in two minutes at most, and writes a recording\n"
	"without what identifies a person, from which a profile for a virtual modem can be made\n"
	"(qmi-trace profile). Nothing is written to the modem.\n"
	"\n"
	"  -d, --device DEVICE  the modem, as for qmicli: /dev/cdc-wdm0, qrtr://0, unix:/path\n"
	"  -o, --output FILE    the recording; survey-DATE-TIME.pcapng if it is left out\n"
	"  --direct             open the device itself, also where qmi-proxy has it\n";

struct survey {
	const char *name, *output;
	bool direct;
	int file;
	int broken; /* why nothing more could be written to it, or 0 */
	struct qk_link_header link;
	struct qk_device *device;
	uint64_t deadline_usec;
	unsigned int asked, answered, refused, silent, silent_in_a_row, services;
	alignas(max_align_t) uint8_t memory[ARENA_SIZE];
};

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * USEC + (uint64_t)now.tv_nsec / 1000;
}

/* --- The recording */

static void on_frame(void *userdata, bool sent, const struct qk_frame *frame, struct qk_span bytes)
{
	struct survey *survey = userdata;
	struct qk_pcapng_record record;
	struct timespec now;

	(void)frame;
	clock_gettime(CLOCK_REALTIME, &now);
	survey->link.from_modem = !sent;
	qk_pcapng_record(&survey->link, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
			 bytes, &record);
	if (survey->broken)
		return;
	ssize_t written = writev(survey->file, record.parts, 4);
	if (written != (ssize_t)record.size)
		survey->broken = written < 0 ? -errno : -ENOSPC;
}

static int make_recording(struct survey *survey, char *name, size_t size)
{
	const char *folder = getenv("TMPDIR");
	uint8_t head[QK_PCAPNG_HEAD];

	if (snprintf(name, size, "%s/qmi-survey-XXXXXX", folder && *folder ? folder : "/tmp") >=
	    (int)size)
		return -ENAMETOOLONG;
	survey->file = mkostemp(name, O_CLOEXEC);
	if (survey->file < 0)
		return -errno;
	qk_pcapng_head(head);
	if (write(survey->file, head, sizeof(head)) != sizeof(head))
		return errno ? -errno : -ENOSPC;
	return 0;
}

/* --- The modem */

static int open_device(struct survey *survey)
{
	const struct qk_device_hooks hooks = { .trace = on_frame, .userdata = survey };
	const struct qk_open_options options = { .version_info = true,
						 .timeout_usec = ANSWER_USEC };
	struct qk_transport *transport;
	uint16_t error = 0;

	/* Where a broker has the port, a program beside it would steal its answers. */
	bool shared =
		!survey->direct && *survey->name == '/' && qk_proxy_connect(NULL, &transport) == 0;
	int r = shared ? 0 : qk_transport_open(survey->name, &transport);
	if (r == 0)
		r = qk_device_new(transport, &hooks, &survey->device);
	if (r == 0 && shared)
		r = qk_proxy_open_sync(survey->device, survey->name, NULL, ANSWER_USEC, NULL, NULL);
	if (r == 0)
		r = qk_device_open_sync(survey->device, &options, &error, NULL);
	return r > 0 ? -EPROTO : r;
}

/* Whether somebody wants it to end. What ends a program is kept back while it has client ids of the modem
 * and a file that nobody else shall see. */
static bool is_stopped(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 &&
	       (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
		sigismember(&pending, SIGHUP) == 1);
}

static void keep_signals_back(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
}

/* How long an answer may take: not beyond the end. */
static uint64_t answer_usec(const struct survey *survey)
{
	uint64_t now = now_usec(), left = survey->deadline_usec - now;

	if (now >= survey->deadline_usec)
		return 1;
	return left < ANSWER_USEC ? left : ANSWER_USEC;
}

/* Whether to go on asking. */
static bool has_time(const struct survey *survey)
{
	return now_usec() < survey->deadline_usec && survey->silent_in_a_row < SILENT_MAX &&
	       !survey->broken && !is_stopped();
}

static void count(struct survey *survey, int r, const struct qk_response *response)
{
	survey->asked++;
	if (r == -ETIMEDOUT) {
		survey->silent++;
		survey->silent_in_a_row++;
		return;
	}
	survey->silent_in_a_row = 0;
	if (r == 0 && response->has_result && response->result.status)
		survey->refused++;
	else
		survey->answered++;
}

/* Negative only when the device is gone. */
static int ask(struct survey *survey, struct qk_client *client, const struct qk_method *method,
	       const void *request)
{
	size_t size = (method->response->size + alignof(max_align_t) - 1) / alignof(max_align_t) *
		      alignof(max_align_t);
	struct qk_arena arena = { .base = survey->memory + size, .size = ARENA_SIZE - size };

	if (!has_time(survey))
		return 0;
	int r = qk_call_sync(client, method, request, answer_usec(survey), &arena, survey->memory);
	count(survey, r, (const struct qk_response *)survey->memory);
	return r == -EPIPE || r == -ENODEV || r == -EINTR || r == -EPROTO ? r : 0;
}

/* The values of a row become a request. They are ours: what is wrong with them is our mistake, which a
 * test finds. */
static int ask_row(struct survey *survey, struct qk_client *client, const struct qk_survey_row *row)
{
	alignas(max_align_t) uint8_t request[REQUEST_MAX], values[VALUES_MAX];
	struct qk_arena arena = { .base = values, .size = sizeof(values) };
	const struct qk_message *message = qk_message_by_name(
		qk_service_by_id(qk_client_service(client)), QK_REQUEST, row->message);
	char error[256];

	json_t *json = message ? json_loads(row->values, 0, NULL) : NULL;
	int r = json && message->size <= sizeof(request)
			? qk_from_json(message, json, &arena, request, error, sizeof(error))
			: -EINVAL;
	json_decref(json);
	return r < 0 ? r
		     : ask(survey, client, qk_method_by_id(message->service, message->id), request);
}

static int ask_defined(struct survey *survey, struct qk_client *client,
		       const struct qk_service *service)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < service->method_count; i++)
		if (qk_survey_reads(&service->methods[i]))
			r = ask(survey, client, &service->methods[i], NULL);
	for (const struct qk_survey_row *row = qk_survey_rows(); r == 0 && row->service; row++)
		if (!strcmp(row->service, service->name))
			r = ask_row(survey, client, row);
	return r;
}

static void on_raw(struct qk_client *client, int status, const struct qk_frame *frame,
		   void *userdata)
{
	const struct qk_response no_result = { 0 };

	(void)client;
	(void)frame;
	count(userdata, status, &no_result);
}

/* Waits for indications; with `asked`, until so many requests have ended. */
static int linger(struct survey *survey, uint64_t usec, unsigned int asked)
{
	uint64_t end = now_usec() + usec, now;
	int r = 0;

	while (r == 0 && (now = now_usec()) < end && (!asked || survey->asked < asked))
		r = qk_device_wait(survey->device, end - now);
	return r;
}

static int ask_unknown(struct survey *survey, struct qk_client *client)
{
	const struct qk_call_options options = { .timeout_usec = answer_usec(survey),
						 .userdata = survey };
	int r = qk_call_raw(client, GET_SUPPORTED_MESSAGES, (struct qk_span){ NULL, 0 }, &options,
			    on_raw);

	return r < 0 ? r : linger(survey, 2 * ANSWER_USEC, survey->asked + 1);
}

static int ask_service(struct survey *survey, uint8_t id)
{
	const struct qk_service *service = qk_service_by_id(id);
	struct qk_client *client;
	int r = qk_client_allocate_sync(survey->device, id, answer_usec(survey), &client);

	if (r > 0 || r == -ETIMEDOUT) {
		count(survey, r > 0 ? 0 : r,
		      &(struct qk_response){ .has_result = true, .result = { 1, 0 } });
		return 0;
	}
	if (r < 0)
		return r;
	survey->services++;
	r = service ? ask_defined(survey, client, service) : ask_unknown(survey, client);
	if (r == 0 && service && service->indication_count)
		r = linger(survey, AFTER_USEC, 0);
	int released = r == 0 || r == -EINTR ? qk_client_release_sync(client, ANSWER_USEC) : 0;
	qk_client_unref(client);
	return r < 0 ? r : released < 0 && released != -ETIMEDOUT ? released : 0;
}

static int ask_all(struct survey *survey)
{
	uint16_t major, minor;
	int r = 0;

	for (unsigned int id = 1; r == 0 && id < 0xff && has_time(survey); id++)
		if (qk_device_service_version(survey->device, (uint8_t)id, &major, &minor) == 0)
			r = ask_service(survey, (uint8_t)id);
	return r;
}

/* --- The verb */

static int usage(const char *what, const char *value)
{
	fprintf(stderr, "error: survey: %s%s; see qmi-trace survey --help\n", what, value);
	return QK_TRACE_USAGE;
}

static int read_options(char **argv, struct survey *survey)
{
	static const struct {
		const char *short_name, *name;
		size_t where;
	} values[] = {
		{ "-d", "--device", offsetof(struct survey, name) },
		{ "-o", "--output", offsetof(struct survey, output) },
	};

	for (char **word = argv + 1; *word; word++) {
		size_t i = 0;
		while (i < 2 && strcmp(*word, values[i].short_name) &&
		       strcmp(*word, values[i].name))
			i++;
		if (!strcmp(*word, "--direct"))
			survey->direct = true;
		else if (i == 2)
			return usage("there is no option ", *word);
		else if (!word[1])
			return usage("a value is missing behind ", *word);
		else
			*(const char **)((char *)survey + values[i].where) = *++word;
	}
	return survey->name ? 0 : usage("which modem? -d says it", "");
}

static int fail(const char *what, int error)
{
	fprintf(stderr, "error: survey: %s: %s\n", what, strerror(-error));
	return QK_TRACE_FAILED;
}

/* Why it did not ask all, for whoever reads how much it asked. */
static void warn(const struct survey *survey)
{
	const char *why = NULL;

	if (is_stopped())
		why = "was not asked all, as the survey was stopped";
	else if (survey->silent_in_a_row >= SILENT_MAX)
		why = "no longer answers";
	else if (now_usec() >= survey->deadline_usec)
		why = "is too slow to be asked all in two minutes";
	if (why)
		fprintf(stderr, "warning: %s %s; what it said before is recorded\n", survey->name,
			why);
}

static int ask_and_copy(struct survey *survey, const char *recording)
{
	int r = open_device(survey);

	if (r == 0)
		r = ask_all(survey);
	if (r < 0)
		return fail(survey->name, r);
	if (survey->broken)
		return fail(recording, survey->broken);
	warn(survey);
	r = anonymise_file(recording, survey->output, true);
	if (r)
		return r;
	printf("%u services, %u requests: %u answered, %u refused, %u without an answer\n%s\n",
	       survey->services, survey->asked, survey->answered, survey->refused, survey->silent,
	       survey->output);
	return fflush(stdout) == EOF ? QK_TRACE_FAILED : 0;
}

static int run(struct survey *survey)
{
	char name[64], recording[4096];
	time_t now = time(NULL);
	struct tm local;

	if (!survey->output) {
		strftime(name, sizeof(name), "survey-%Y%m%d-%H%M%S.pcapng",
			 localtime_r(&now, &local));
		survey->output = name;
	}
	if (access(survey->output, F_OK) == 0) /* before two minutes were spent on it */
		return fail(survey->output, -EEXIST);
	survey->deadline_usec = now_usec() + ASKING_USEC;
	survey->link = (struct qk_link_header){
		.transport = QK_LINK_QMUX,
		.service = QK_LINK_SERVICE_UNKNOWN,
		.pid = (uint32_t)getpid(),
		.connection = 1,
		.process = "qmi-trace",
	};
	snprintf(survey->link.device, sizeof(survey->link.device), "%s", survey->name);
	keep_signals_back();
	int r = make_recording(survey, recording, sizeof(recording));
	int status = r < 0 ? fail(recording, r) : ask_and_copy(survey, recording);
	qk_device_unref(survey->device);
	if (survey->file >= 0) {
		close(survey->file);
		unlink(recording);
	}
	return status;
}

int qk_trace_survey(int argc, char **argv)
{
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(help, stdout);
		return fflush(stdout) == EOF ? QK_TRACE_FAILED : 0;
	}
	struct survey *survey = calloc(1, sizeof(*survey));
	if (!survey)
		return fail("memory", -ENOMEM);
	survey->file = -1;
	int status = read_options(argv, survey);
	if (status == 0)
		status = run(survey);
	free(survey);
	return status;
}
