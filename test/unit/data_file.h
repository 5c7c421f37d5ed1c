/*-------------------------------------------------------------------------
 *
 * data_file.h
 *	  Files of public data for tests.
 *
 * Public data is not part of the repository: a test that needs a file looks in
 * $PREDSEG_DATA, else in ../shared/data, and is skipped when it is not there.
 *
 *-------------------------------------------------------------------------
 */
#ifndef DATA_FILE_H
#define DATA_FILE_H

#include "tap.h"

#define LINE_MAX_LENGTH 4096
#define FIELDS_MAX 24

/* Report a skipped test. */
static inline void
skip(const char *what)
{
	printf("ok %d # SKIP no data: %s\n", ++tap_count, what);
}

/* Open a data file and skip its header; NULL when it is not there. */
static inline FILE *
open_data(const char *name)
{
	const char *folder = getenv("PREDSEG_DATA");
	char		line[LINE_MAX_LENGTH];
	FILE	   *file;

	snprintf(line, sizeof(line), "%s/%s", folder != NULL ? folder : "../shared/data", name);
	file = fopen(line, "r");
	if (file != NULL && fgets(line, sizeof(line), file) == NULL)
	{
		fclose(file);
		file = NULL;
	}
	if (file == NULL)
		skip(name);
	return file;
}

/* Split the next line at commas into fields, which point into line; 0 at the end of the file. */
static inline int
next_line(FILE *file, char *line, char **fields)
{
	int			n = 0;

	if (fgets(line, LINE_MAX_LENGTH, file) == NULL)
		return 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *at = line; at != NULL && n < FIELDS_MAX; n++)
	{
		fields[n] = at;
		at = strchr(at, ',');
		if (at != NULL)
			*at++ = '\0';
	}
	return n;
}

#endif							/* DATA_FILE_H */
