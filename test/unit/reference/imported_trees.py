"""Make the models and predictions of test/data/imported, with each version in turn:

	pip install xgboost==1.7.6 pandas            python3 imported_trees.py FOLDER
	pip install xgboost==2.1.4 lightgbm==4.7.0   ...
	pip install xgboost==3.2.0 lightgbm==3.3.5   ...

Rows are the same for all: numbers on a grid of tenths and whole numbers, which
are where trees split, and next to them; values near 0, huge ones, and missing
ones.  NAME.expected holds a line for each row: the prediction, then, in the
units of base + unit F, the baseline and the contributions of columns a to k,
as XGBoost (single precision) and LightGBM give them.
"""
import os
import sys

import numpy as np
import pandas as pd

LETTERS = list("abcdefg")
NUMBERS = [3, 7, 11, 20]


def frame(n, random):
	rows = pd.DataFrame({
		"a": np.round(random.normal(size=n), 1),
		"b": random.integers(-3, 4, n).astype(float),
		"c": np.where(random.random(n) < 0.3, 0, np.round(random.exponential(size=n), 1)),
		"t": pd.Categorical(random.choice(LETTERS, n), categories=LETTERS),
		"k": pd.Categorical(random.choice(NUMBERS, n), categories=NUMBERS)})
	for column in "abct":
		rows.loc[random.random(n) < 0.1, column] = np.nan
	return rows


def special_rows():
	rows = frame(60, np.random.default_rng(2))
	odd = [0.0, -0.0, 1e-36, -1e-36, 1.0000000180025095e-35, -1.0000000180025095e-35, 1.1e-35, 5e-324, 1e-40, 3e38,
		   -3e38, 1e-30]
	for i, value in enumerate(odd):
		rows.loc[i, "a"] = rows.loc[12 + i, "b"] = rows.loc[24 + i, "c"] = value
	for i, tenths in enumerate(range(-6, 6)):
		single = np.float32(tenths / 10)
		halfway = (float(single) + float(np.nextafter(single, np.float32(-np.inf)))) / 2
		rows.loc[36 + i, "a"] = halfway
		rows.loc[48 + i, "a"] = np.nextafter(halfway, -np.inf)
	return rows


def write(folder, name, save, predictions, contributions):
	save(os.path.join(folder, "model.json"))
	os.rename(os.path.join(folder, "model.json"), os.path.join(folder, name))
	table = np.column_stack([predictions, contributions[:, -1], contributions[:, :-1]])
	np.savetxt(os.path.join(folder, name + ".expected"), table, fmt="%.8g")


def xgboost_models(folder, train, rows, yes, amount):
	import xgboost
	version = ".".join(xgboost.__version__.split(".")[:2])
	common = {"max_depth": 3, "eta": 0.5, "tree_method": "hist", "seed": 1}
	kinds = {
		"1.7": [("binary", yes, {"objective": "binary:logistic"}), ("poisson", np.floor(amount), {"objective": "count:poisson"})],
		"2.1": [("binary", yes, {"objective": "binary:logistic"}),
				("gamma", amount, {"objective": "reg:gamma", "booster": "dart", "rate_drop": 0.5})],
		"3.2": [("binary", yes, {"objective": "binary:logistic", "base_score": 0.3}),
				("quantile", amount, {"objective": "reg:quantileerror", "quantile_alpha": 0.8})]}
	for name, target, options in kinds[version]:
		nameless = name == "poisson"
		matrix = [xgboost.DMatrix(data[["a", "b", "c"]].to_numpy() if nameless else data, label=label,
								  enable_categorical=True) for data, label in ((train, target), (rows, None))]
		model = xgboost.train({**common, **options}, matrix[0], 3)
		contributions = model.predict(matrix[1], pred_contribs=True)
		if nameless:
			contributions = np.insert(contributions, [3, 3], 0, axis=1)
		write(folder, "xgboost-%s-%s" % (version, name), model.save_model, model.predict(matrix[1]), contributions)


def lightgbm_models(folder, train, rows, yes, amount):
	import lightgbm
	version = ".".join(lightgbm.__version__.split(".")[:2])
	common = {"num_leaves": 7, "learning_rate": 0.5, "min_data_in_leaf": 5, "min_data_per_group": 5, "cat_smooth": 1,
			  "max_cat_to_onehot": 2, "verbose": -1, "seed": 1}
	kinds = {
		"4.7": [("binary", yes, {"objective": "binary"}), ("tweedie", np.floor(amount), {"objective": "tweedie", "zero_as_missing": True})],
		"3.3": [("regression", amount, {"objective": "regression"}), ("quantile", amount, {"objective": "quantile", "alpha": 0.8, "use_missing": False})]}
	for name, target, options in kinds[version]:
		model = lightgbm.train({**common, **options}, lightgbm.Dataset(train.copy(), label=np.asarray(target, float)), 3)
		write(folder, "lightgbm-%s-%s" % (version, name), model.save_model, model.predict(rows),
			  model.predict(rows, pred_contrib=True))


def main():
	folder = sys.argv[1]
	random = np.random.default_rng(1)
	train = frame(500, random)
	logit = (np.nan_to_num(train.a) + (np.nan_to_num(train.b) > 1) + np.nan_to_num(train.c) - 1 + train.t.isin(["b", "d", "g"]) +
			 0.7 * train.c.isna() - train.k.isin([7, 20]).astype(float))
	yes = (random.random(500) < 1 / (1 + np.exp(-logit))).astype(int)
	amount = np.exp(logit / 2) * random.gamma(2, 0.5, 500) + 0.01
	rows = special_rows()
	rows.to_csv(os.path.join(folder, "rows.csv"), index=False, float_format="%.17g")
	for models in (xgboost_models, lightgbm_models):
		try:
			models(folder, train, rows, yes, amount)
		except ImportError:
			pass


main()
