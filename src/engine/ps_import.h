/*-------------------------------------------------------------------------
 *
 * ps_import.h
 *	  Model files of other programs to documents of the method imported_trees.
 *
 * Adding a format is one file, which reads it and describes its trees with the
 * calls below, and one row in the table of ps_import.c.
 *
 * A file is untrusted.  Its importer sees that no number or text is read
 * beyond its end; that trees are trees is checked by ps_import_tree, and
 * everything once more when the document is opened as a model.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_IMPORT_H
#define PS_IMPORT_H

#include "ps_model.h"

/* A column of the file. */
typedef struct ps_import_feature
{
	const char *name;
	ps_type		type;
	bool		compared;		/* some split has said the next two, in which all must agree */
	bool		categorical;
	bool		zero_is_null;
	const ps_value *levels;		/* list of texts, the codes being their places; or NULL */
	bool		split;			/* some tree splits it: set by ps_import_tree */
	size_t		number;			/* among the features that are inputs, from 1 */
} ps_import_feature;

/* A node of a tree of the file. */
typedef struct ps_import_node
{
	bool		leaf;
	double		value;			/* of a leaf */
	double		weight;			/* of a leaf, 0 or more: how many rows it stands for */
	size_t		feature;		/* of a split */
	size_t		left;			/* children */
	size_t		right;
	double		threshold;		/* up to which numbers go left */
	bool		null_left;
	size_t		ncodes;			/* of a categorical split: codes that go left, ascending */
	const double *codes;
} ps_import_node;

typedef struct ps_import ps_import;

/* What the file says of the model as a whole; names as in ps_imported_trees.h. */
typedef struct ps_import_facts
{
	const char *objective;
	const char *kind;
	const char *link;
	double		alpha;			/* of a quantile */
	double		base;
	double		unit;
	bool		single;
} ps_import_facts;

/* What every importer is called with. */
typedef struct ps_import_call
{
	const ps_env *env;
	const char *content;
	size_t		length;
	const ps_value *options;	/* complete names, checked */
	ps_value   *notes;
	ps_value   *document;		/* to be filled by ps_import_finish */
} ps_import_call;

/*
 * Make the document of a model from a file's content.  options is an object:
 *
 *	columns		list of texts, the names of the file's columns in their order
 *	levels		object, for a categorical column the list of its texts or
 *				numbers in the order of their codes
 *	target		text, the column that the model predicts ("target")
 *	iterations	how many rounds of trees to take, the first ones (all)
 *
 * notes receives what the user should know.  Content that is not of the format
 * is PS_INVALID_DATA, a model that cannot be represented PS_WRONG_MODEL.
 */
extern ps_status ps_import_model(const ps_env *env, const char *format, const char *content, size_t length,
								 const ps_value *options, ps_value **document, ps_value *notes, ps_error *error);

/*
 * Start with count columns of the file; names[count] are those in the file,
 * or NULL where it has none.  Sets names and levels by the options, and types
 * to number, or to text for levels that are texts.
 */
extern ps_status ps_import_start(const ps_import_call *call, const char *const *names, size_t count,
								 ps_import **out, ps_error *error);

extern ps_import_feature *ps_import_feature_at(ps_import *import, size_t feature);

/* Take levels, a list of texts or numbers, from the file where the options give none. */
extern ps_status ps_import_set_levels(ps_import *import, size_t feature, const ps_value *levels, ps_error *error);

/* Say how a split compares a feature, which must be done for each before its tree is added. */
extern ps_status ps_import_compare(ps_import *import, size_t feature, bool categorical, bool zero_is_null,
								   ps_error *error);

/* How many rounds to take of those in the file. */
extern ps_status ps_import_rounds(const ps_import_call *call, size_t rounds, size_t *out, ps_error *error);

/* Add a tree whose root is nodes[0]. */
extern ps_status ps_import_tree(ps_import *import, const ps_import_node *nodes, size_t count, ps_error *error);

/* Write the document. */
extern ps_status ps_import_finish(ps_import *import, const ps_import_facts *facts, ps_error *error);

/* Read all of a text as a finite number. */
extern bool ps_import_number(const char *text, size_t length, double *out);

/* The importers, one file each. */
extern ps_status ps_import_xgboost(const ps_import_call *call, ps_error *error);
extern ps_status ps_import_lightgbm(const ps_import_call *call, ps_error *error);

#endif							/* PS_IMPORT_H */
