/* Replay: runs a fuzz target over the files it is given, without a fuzzer. One TAP line in all. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_INPUT (1 << 20)

static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(MAX_INPUT), *exact;
	size_t size = 0;

	if (file && data) {
		size = fread(data, 1, MAX_INPUT, file);
		/* just as large as the input, so that AddressSanitizer sees a read behind it */
		exact = malloc(size ? size : 1);
		for (size_t i = 0; exact && i < size; i++)
			exact[i] = data[i];
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
	}
	free(data);
	return file ? fclose(file) : -1;
}

int main(int argc, char **argv)
{
	int failed = argc < 2;

	printf("1..1\n");
	for (int i = 1; i < argc; i++) {
		printf("# %s\n", argv[i]);
		fflush(stdout);
		failed |= replay(argv[i]) != 0;
	}
	printf("%s 1 - %d inputs\n", failed ? "not ok" : "ok", argc - 1);
	return failed;
}
