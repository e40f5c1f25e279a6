//! Every mistake that a pipeline file can hold.

use crate::help::explained;

explained! {
    /// A mistake in the pipeline files, or what is worth a second look.
    Mistake for Author, shown in "fixtures/broken":

    AmbiguousName = "ambiguous-name" {
        means: "A name means two things at once.",
        why: "A column, a fact, a parameter and an alias may all be named in an expression; if one name is two of them, whoever reads the
law and the engine may each choose another.",
        todo: "Inside a subquery write the alias, or `this.` for the judged row, in front. Otherwise rename one of the two.",
    }
    BadDate = "bad-date" {
        means: "This is no day of the calendar.",
        why: "Days decide whether a rule is in force; a day that does not exist cannot be before or after anything.",
        todo: "Write year, month and day as in 2022-04-08.",
    }
    BadFileName = "bad-file-name" {
        means: "A file among the measures is not called as a measure may be.",
        why: "A measure is called by its file. A copy that somebody left in the folder would be a measure of its own, and pay everything twice.",
        todo: "Call it <id>.toml: digits, `-`, digits, then words of lower-case letters and digits, each after a `-`, as in
12-1-some-grant.toml. Move copies and drafts to another folder.",
    }
    BadNumber = "bad-number" {
        means: "A number in an expression is not written as a plain decimal.",
        why: "Amounts are exact: exponents, hexadecimal digits and infinities are for numbers that are not.",
        todo: "Write the digits, with a point before decimals: 1000, 0.03.",
    }
    BadValue = "bad-value" {
        means: "A value is not of the form that its key or its unit asks for.",
        why: "A parameter's unit says what its value may be: yuan have at most two decimals, a share is \"3%\" or \"0.03\", 人 are whole.
Numbers with decimals are strings, so that no float ever stands between the law and the amount.",
        todo: "The message says what is wanted. Units go to `unit`, not into the value.",
    }
    CaseCells = "case-cells" {
        means: "The rows of a worked case cannot be read as data.",
        why: "A case is read by the same reader as a delivery: it must obey the same contract, or it would prove nothing.",
        todo: "The message names the cell and the rule that refused it; `huiqi help RULE` explains the rule. Correct the case's `row`, or the [example]
that it changes.",
    }
    CaseFailed = "case-failed" {
        means: "A worked case decides otherwise than it says.",
        why: "Cases are how an article's thresholds are proven: one of the two, the rule or the expectation, is wrong.",
        todo: "Read the article again and decide which. Never change the expectation only because it fails.",
    }
    Cycle = "cycle" {
        means: "A fact or a function is derived from itself.",
        why: "Its value would have to be known before it can be computed.",
        todo: "Follow the names in the file's `value`; one of them leads back here. Cut the circle there.",
    }
    DuplicateColumn = "duplicate-column" {
        means: "A source or a plan names a column twice.",
        why: "Nobody could tell which of the two a rule reads.",
        todo: "Remove or rename one.",
    }
    DuplicateName = "duplicate-name" {
        means: "Two things have one name.",
        why: "Facts, measures, indicators and settlements are named in expressions and on the command line; a name leads to one thing.",
        todo: "Rename one of them, with its file.",
    }
    EmptyList = "empty-list" {
        means: "A clause asks for a list on which nobody can be.",
        why: "The measure behind the list can never be met, so neither can this one.",
        todo: "Mend the measure that makes the list; its own warning stands beside this one.",
    }
    Encoding = "encoding" {
        means: "A pipeline file is not UTF-8.",
        why: "Names and texts of the law must be the same letters for everybody; other encodings are guessed at, and a guess may be wrong.",
        todo: "Save the file again with the encoding UTF-8 (in Notepad: 另存为, 编码 UTF-8).",
    }
    FigureClaimedTwice = "figure-claimed-twice" {
        means: "One figure of an article is claimed by two parameters.",
        why: "When the figure changes somebody will change one of the two.",
        todo: "Share the parameter (parameters/), or say in `words` of each where in the article it stands.",
    }
    FigureUnclaimed = "figure-unclaimed" {
        means: "A figure of an article is in no parameter.",
        why: "Every amount, share and term of the notice is either computed or known not to be. This one was overlooked.",
        todo: "Write a parameter whose `source` cites the article, or name the figure in a [[not_computed]] entry of articles/.",
    }
    FileName = "file-name" {
        means: "A file is not called as what it defines.",
        why: "Whoever looks for a fact or an indicator looks for a file of its name.",
        todo: "Rename the file, or the `name` in it.",
    }
    Gap = "gap" {
        means: "Between two entries of a parameter there are days without any.",
        why: "On these days nobody could say whether the value is unknown or was forgotten.",
        todo: "Let the entries meet. Where nobody has named a value, say so: an entry with a `from` and no `value`.",
    }
    InFunction = "in-function" {
        means: "A named function has a mistake of its own, so it cannot be used here.",
        why: "The mistake is reported once, where it stands; here is who waits for it.",
        todo: "Mend the function's file. Mind that its parameters must have the types that it is called with.",
    }
    MissingKey = "missing-key" {
        means: "A table lacks a key that it cannot do without.",
        why: "There is no default for it: the law or the data has to say.",
        todo: "Add the key. pipelines/xinzhou-2022/README.md says what the keys of a measure file mean, pipelines/schema/ lists those of every file.",
    }
    Near = "near" {
        means: "How near is near (`near`) does not fit its clause.",
        why: "The call list would stay empty, without a word: a distance is measured in what the clause compares, 天 of a date, 人 of a
number of people, a share (10%) of a threshold, 级 from one value of an enum to the next.",
        todo: "The hint says in what this clause can be measured. Say true where a paper or an act can mend it, whatever the distance.",
    }
    NeverInForce = "never-in-force" {
        means: "A measure's last day is before the first day of the document.",
        why: "No row can ever be met; probably a year is mistyped.",
        todo: "Correct `in_force`, or remove the measure.",
    }
    NeverTrue = "never-true" {
        means: "No row can meet this condition.",
        why: "It contradicts itself, or the conditions before it: the measure would pay nobody, without a word.",
        todo: "Compare the thresholds and words of the clauses: `<` for `>`, AND for OR, a value that another clause excludes.",
    }
    NoCap = "no-cap" {
        means: "The article names a limit, and nothing in the file limits the amount.",
        why: "「最高」 and 「不超过」 are what a city can lose most money by overlooking.",
        todo: "Add a [[cap]] where several rows share the limit, LEAST(…) or a `ceiling` where each has its own.",
    }
    NoKey = "no-key" {
        means: "There is no way from this row to a row of that source.",
        why: "`source.column` follows a key: a column that `references` the other source. Several keys, or none, leave open which row is meant.",
        todo: "Give the measure a [per] `link`, let the source's column say `references`, or look the row up in a subquery.",
    }
    NoValue = "no-value" {
        means: "A parameter has no value on the day of the run.",
        why: "Its entries do not reach that day, so nothing that reads it can be decided. An entry without `value` is something else: it says that
nobody has named one yet, and puts its measures off.",
        todo: "Add an entry that is in force on that day, or run as of another day.",
    }
    Overlap = "overlap" {
        means: "Two entries of a parameter are in force on one day.",
        why: "One day has one value.",
        todo: "An entry ends where the next begins: correct `from` and `to`; every entry after the first has a `from`.",
    }
    Quotient = "quotient" {
        means: "A quotient would have to be kept.",
        why: "1/3 has no decimals to the end, and amounts are exact: a quotient is only compared, or rounded once at the end of an amount.",
        todo: "Make it a function (`args = []`), which is computed where it is compared, or multiply before you compare.",
    }
    SamePromise = "same-promise" {
        means: "Two measures serve one article by the same clauses over the same rows.",
        why: "One promise as two measures is paid twice.",
        todo: "Keep one, or write down what makes them differ.",
    }
    Settlement = "settlement" {
        means: "What settlement.toml says of measures that are settled together does not fit them.",
        why: "A group or a budget over measures that pay nothing, or over one alone, or without an amount, would settle nothing silently.",
        todo: "The message says which; a measure that is settled has an amount, and a budget that is switched on has `amounts`.",
    }
    SeveralRows = "several-rows" {
        means: "A subquery that gives one value may find several rows.",
        why: "Which of them would be read must not depend on the order of a file.",
        todo: "Compare every part of the primary key, say ORDER BY … LIMIT 1, or take SUM, MIN, MAX or COUNT.",
    }
    Syntax = "syntax" {
        means: "An expression cannot be read.",
        why: "A bracket or an operand is missing, or a word stands where none is expected. Very long expressions are refused as well.",
        todo: "Look at the words underlined, then at those before. `huiqi help unsupported` says what an expression may say.",
    }
    Toml = "toml" {
        means: "The file is not TOML.",
        why: "Nothing in it can be trusted until its tables and strings close.",
        todo: "Look at the line and the one before: a quote, a bracket or a comma is missing, or a key stands there twice.",
    }
    UncoveredArticle = "uncovered-article" {
        means: "Nothing speaks of an article.",
        why: "Every article of the notice is served by a measure, an indicator or a target, or it is written down why it is not computed.",
        todo: "Write one of them, or a [[not_computed]] entry in articles/.",
    }
    UncoveredDay = "uncovered-day" {
        means: "A measure is in force on a day on which one of its parameters is not.",
        why: "A run as of that day would stop.",
        todo: "Add an entry for that day, without a value where nobody has named one; or let `in_force` leave the day out.",
    }
    UndecidedDay = "undecided-day" {
        means: "A measure cannot decide its own example on a day on which something changes.",
        why: "Each measure is tried on the days around every change of its rules. Here something that it reads does not reach that day.",
        todo: "The message says what. Often the calendar of workdays (tables/) ends too early.",
    }
    Unit = "unit" {
        means: "An amount's units do not fit: yuan times yuan, a sum of yuan and days.",
        why: "Such a number means nothing, however right it may look.",
        todo: "Look at the units of the parameters and the types of the columns. An amount is yuan, or yuan times shares and counts.",
    }
    UnknownArticle = "unknown-article" {
        means: "A number is not among the articles that the file names.",
        why: "The catalogue says which file serves which article; a file speaks of the articles in its head.",
        todo: "Correct the number, or add the article to `articles`.",
    }
    UnknownColumn = "unknown-column" {
        means: "A source has no column, and no fact, of this name.",
        why: "Names are read letter by letter; nothing is guessed.",
        todo: "The hint lists its columns. A new column goes into the source's file.",
    }
    UnknownFunction = "unknown-function" {
        means: "There is no function of this name.",
        why: "An expression may use the functions of the language and the named functions of facts/, nothing of an engine.",
        todo: "The hint has similar names, or all of them. A function of your own is a fact with `args`.",
    }
    UnknownKey = "unknown-key" {
        means: "A table has a key that nobody reads.",
        why: "A mistyped key would otherwise be a rule that is silently not applied.",
        todo: "The hint lists the keys that are known here. Mind in which table the key stands: after [[clause]] everything is the clause's.",
    }
    UnknownKind = "unknown-kind" {
        means: "There is no such kind of measure.",
        why: "The kind decides in which ledger its lines stand and whether money is paid.",
        todo: "Take one of the kinds in the hint.",
    }
    UnknownMeasure = "unknown-measure" {
        means: "There is no measure of this id.",
        why: "ON_LIST and settlement.toml name measures by the names of their files.",
        todo: "Write the id as the file in measures/ is called, without .toml; in ON_LIST as a text in single quotes.",
    }
    UnknownName = "unknown-name" {
        means: "A name is no column of this source, no fact and no parameter.",
        why: "Names are read letter by letter; a name that means nothing must not become an empty value.",
        todo: "The hint has similar names. A column of a linked row is `source.column`; a figure is a parameter; a derived value is a fact.",
    }
    UnknownSource = "unknown-source" {
        means: "There is no source of this name.",
        why: "Sources are the files in sources/ and tables/.",
        todo: "Correct the name, or describe the source in sources/NAME.toml.",
    }
    UnknownType = "unknown-type" {
        means: "There is no such type of column.",
        why: "The type says how a cell is read and what may be done with it.",
        todo: "code, uscc, id, text, enum, date, datetime, int, money, rate, decimal or bool.",
    }
    UnknownUnit = "unknown-unit" {
        means: "There is no such unit of a parameter.",
        why: "The unit says how its value is written and with what it may be compared.",
        todo: "Take one of the units in the hint. A new word for a count is declared in pipeline.toml.",
    }
    UnknownValue = "unknown-value" {
        means: "A word is none of those that are allowed here.",
        why: "An enum's words are listed in its source: a comparison with another word would never be true.",
        todo: "Take one of the words in the hint; a new word goes into the source's `values`.",
    }
    Unsupported = "unsupported" {
        means: "An expression or a table says more than the language has.",
        why: "Conditions and amounts are a small typed subset of SQL on which engines agree: what they round, sort or compare differently is left out.",
        todo: "An expression may say: + - * /, comparisons, AND OR NOT, IS NULL, IS TRUE, IN, BETWEEN, LIKE 'C16%', CASE, CAST(x AS DATE);
the functions that the hint of unknown-function lists; ON_LIST('measure', code); and a subquery over one other source: EXISTS, SUM,
MIN, MAX, COUNT, x < ANY (…), ORDER BY … LIMIT 1, in which `this.` is the judged row. Longer thoughts get names: facts.",
    }
    Unused = "unused" {
        means: "A plan makes what nobody reads, or leaves out a source.",
        why: "Synthetic data that lacks a source hides what reads it; a column that is neither written nor read was probably mistyped.",
        todo: "Plan the source, or name it in [generate] `without`; remove the column.",
    }
    UnusedFact = "unused-fact" {
        means: "No measure or indicator reads a fact.",
        why: "It looks like law and is not applied.",
        todo: "Remove the file, or use it.",
    }
    UnusedParameter = "unused-parameter" {
        means: "No measure, indicator or fact in use reads a parameter.",
        why: "It looks like a figure of the law, and changing it changes nothing.",
        todo: "Remove it, or use it.",
    }
    WrongArguments = "wrong-arguments" {
        means: "A function gets other arguments than it takes.",
        why: "Too many, too few, or none where it needs one.",
        todo: "The message says how many it takes; for a named function see `args` in its file.",
    }
    WrongType = "wrong-type" {
        means: "A value is not of the type that is wanted here.",
        why: "Days are not compared with numbers, texts are not added, a condition is true or false; nothing is converted silently.",
        todo: "The message says what is wanted and what was found. CAST(x AS DATE) makes a day of a moment; a count of days is DAYS_BETWEEN.",
    }
}
