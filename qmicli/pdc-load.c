/*
 * Loading: a chunk is sent when the modem has told that it took the one before. The configuration's id is the
 * SHA-1 of the file.
 */
#include "pdc-files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <qmikit/pdc.h>

#include "lib/3gpp/sha1.h"

/* What libqmi's tool sends at once. Files of this kind have 40 KiB; no modem takes a hundred times that. */
enum { CHUNK_SIZE = 1024, FILE_SIZE_MAX = 16 << 20, TOLD_USEC = 30000000 };

static const char doing[] = "couldn't load config";

struct file {
	uint8_t *data;
	size_t size;
};

/* Opens a file that is no device and no folder, and says how long it is. A descriptor, or a negative errno. */
static int open_file(const char *path, size_t *ret_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	else if (!st.st_size)
		r = -ENODATA;
	else if (st.st_size > FILE_SIZE_MAX)
		r = -EFBIG;
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_size = (size_t)st.st_size;
	return fd;
}

static int bad_file(const char *path, int error, struct failure *f)
{
	failure_hint(f, "give the path of a configuration, an .mbn file");
	return failure_set(f, EXIT_USAGE, "couldn't read config file '%s': %s", path,
			   error == -EINVAL    ? "it is no file"
			   : error == -ENODATA ? "it is empty"
					       : strerror(-error));
}

/* So that a wrong path is told before anything is opened. */
int pdc_finish_load(const struct action *action, unsigned int seen, void *request,
		    struct failure *failure)
{
	size_t size;
	int fd = open_file(action->argument, &size);

	(void)seen;
	(void)request;
	if (fd < 0)
		return bad_file(action->argument, fd, failure);
	close(fd);
	return 0;
}

static int read_all(int fd, struct file *file)
{
	size_t done = 0;

	file->data = malloc(file->size);
	if (!file->data)
		return -ENOMEM;
	while (done < file->size) {
		ssize_t got = read(fd, file->data + done, file->size - done);

		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		done += (size_t)got;
	}
	return 0;
}

static int read_file(const char *path, struct file *ret, struct failure *f)
{
	int fd = open_file(path, &ret->size);
	int r = fd < 0 ? fd : read_all(fd, ret);

	if (fd >= 0)
		close(fd);
	return r < 0 ? bad_file(path, r, f) : 0;
}

/* What the modem says of a chunk. 1: it has all; 0: it wants the next one; a negative number: it failed. */
static int judge(struct steps *steps, const struct qk_pdc_load_config_indication *told, bool more)
{
	if (!told)
		return -1;
	if (told->has_frame_reset && told->frame_reset)
		failure_set(steps->failure, EXIT_REFUSED,
			    "%s: the modem wants to begin again (frame reset)", doing);
	else if (!told->has_remaining_size || (told->remaining_size && !more))
		failure_set(steps->failure, EXIT_BAD_ANSWER,
			    "%s: the modem does not say what it lacks", doing);
	else
		return !told->remaining_size;
	return -1;
}

static int send_chunks(struct steps *steps, const struct file *file, struct qk_bytes id)
{
	const struct qk_pdc_load_config_indication *told;
	size_t sent = 0;
	int r = 0;

	for (uint32_t token = 0; r == 0; token++) {
		size_t left = file->size - sent;
		size_t size = left < CHUNK_SIZE ? left : CHUNK_SIZE;
		const struct qk_pdc_load_config_request request = {
			.has_config_chunk = true,
			.config_chunk = { QK_PDC_CONFIGURATION_TYPE_SOFTWARE,
					  id,
					  (uint32_t)file->size,
					  { file->data + sent, size } },
			.has_token = true,
			.token = token,
		};

		steps_say(steps, "Uploaded %zu  of %zu\n", sent, file->size);
		if (steps_flush(steps) ||
		    !steps_call(steps, &qk_pdc_load_config_method, &request, doing))
			return steps->failure->code;
		sent += size;
		told = steps_told(steps, &qk_pdc_load_config_message,
				  steps_patience(steps, TOLD_USEC), doing);
		r = judge(steps, told, sent < file->size);
		if (r == 0)
			steps_say(steps, "Loading next chunk (%u bytes remaining)\n",
				  told->remaining_size);
		if (r >= 0)
			steps_progress(steps, "Loading", sent, file->size);
	}
	if (r < 0)
		return steps->failure->code;
	steps_show(steps, &qk_pdc_load_config_message, told, NULL);
	steps_say(steps, "Finished loading\n");
	return 0;
}

int pdc_run_load(struct steps *steps, void *request)
{
	struct qk_sha1 sha1 = QK_SHA1_INIT;
	uint8_t id[QK_SHA1_SIZE];
	struct file file = { 0 };
	int code = read_file(steps->action->argument, &file, steps->failure);

	(void)request;
	if (!code)
		code = steps_listen(steps);
	if (!code) {
		qk_sha1_add(&sha1, file.data, file.size);
		qk_sha1_finish(&sha1, id);
		code = send_chunks(steps, &file, (struct qk_bytes){ id, sizeof(id) });
	}
	free(file.data);
	return code;
}
