//! Small pieces of syntax tree, built so that their print reads the same in every grammar.

use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, GroupByExpr, Ident, ObjectName, Query, Select, SelectFlavor,
    SelectItem, SetExpr, TableAlias, TableAliasColumnDef, TableWithJoins, TimezoneInfo, TypedString, Value,
    helpers::attached_token::AttachedToken,
};

/// A literal.
pub(super) fn literal(value: Value) -> Expr {
    Expr::Value(value.with_empty_span())
}

/// A varchar literal of this content.
pub(super) fn text(content: &str) -> Expr {
    literal(Value::SingleQuotedString(content.replace('\'', "''")))
}

pub(super) fn number(digits: impl ToString) -> Expr {
    literal(Value::Number(digits.to_string(), false))
}

/// What a number that was made by [`number`] counts.
pub(super) fn as_count(expr: &Expr) -> Option<u64> {
    match expr {
        Expr::Value(sqlparser::ast::ValueWithSpan { value: Value::Number(digits, false), .. }) => {
            digits.parse().ok()
        }
        _ => None,
    }
}

pub(super) fn boolean(value: bool) -> Expr {
    literal(Value::Boolean(value))
}

pub(super) fn bytes(value: &[u8]) -> Expr {
    literal(Value::HexStringLiteral(value.iter().map(|b| format!("{b:02x}")).collect()))
}

/// `relation.column`, for names that the rewrite made up.
pub(super) fn reference(relation: &str, column: &str) -> Expr {
    Expr::CompoundIdentifier(vec![Ident::new(relation), Ident::new(column)])
}

/// `relation."column"`, for a column of the table.
pub(super) fn base_reference(relation: &str, column: &str) -> Expr {
    Expr::CompoundIdentifier(vec![Ident::new(relation), quoted(column)])
}

pub(super) fn quoted(name: &str) -> Ident {
    Ident::with_quote('"', name.replace('"', "\"\""))
}

pub(super) fn call(name: &str, args: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::Function(function(name, args.into_iter().map(FunctionArgExpr::Expr).collect()))
}

pub(super) fn function(name: &str, args: Vec<FunctionArgExpr>) -> Function {
    Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: args.into_iter().map(FunctionArg::Unnamed).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    }
}

/// `substr(value, from, length)`, which the parser reads as its own kind of node.
pub(super) fn substr(value: Expr, from: Expr, length: Option<Expr>) -> Expr {
    Expr::Substring {
        expr: Box::new(value),
        substring_from: Some(Box::new(from)),
        substring_for: length.map(Box::new),
        special: true,
        shorthand: true,
    }
}

pub(super) fn typed(data_type: DataType, content: &str) -> Expr {
    let value = Value::SingleQuotedString(content.replace('\'', "''")).with_empty_span();
    Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax: false })
}

pub(super) const fn timestamp_type(precision: Option<u64>) -> DataType {
    DataType::Timestamp(precision, TimezoneInfo::None)
}

pub(super) const fn double_type() -> DataType {
    DataType::Double(ExactNumberInfo::None)
}

pub(super) fn cast(kind: CastKind, value: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind, expr: Box::new(value), data_type, array: false, format: None }
}

/// How tight the print of an expression holds together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Loose,
    Or,
    And,
    Predicate,
    Sum,
    Product,
    Primary,
}

fn level_of(op: &BinaryOperator) -> Level {
    use BinaryOperator::{
        And, Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Modulo, Multiply, NotEq, Or, Plus, StringConcat,
    };
    match op {
        Or => Level::Or,
        And => Level::And,
        Eq | NotEq | Lt | LtEq | Gt | GtEq => Level::Predicate,
        Plus | Minus | StringConcat => Level::Sum,
        Multiply | Divide | Modulo => Level::Product,
        _ => Level::Loose,
    }
}

fn level(expr: &Expr) -> Level {
    match expr {
        Expr::BinaryOp { op, .. } => level_of(op),
        Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::InList { .. } | Expr::InSubquery { .. } => {
            Level::Predicate
        }
        Expr::Between { .. } | Expr::Like { .. } => Level::Predicate,
        Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::CompoundFieldAccess { .. }
        | Expr::Value(_)
        | Expr::TypedString(_)
        | Expr::Interval(_)
        | Expr::Function(_)
        | Expr::Cast { .. }
        | Expr::Ceil { .. }
        | Expr::Floor { .. }
        | Expr::Substring { .. }
        | Expr::Trim { .. }
        | Expr::Case { .. }
        | Expr::Subquery(_)
        | Expr::Array(_)
        | Expr::Exists { negated: false, .. }
        | Expr::Nested(_) => Level::Primary,
        _ => Level::Loose,
    }
}

/// The expression as an operand: in parentheses unless it holds together by itself. Grammars differ in what binds
/// tighter than what (`IS DISTINCT FROM`, `NOT`, `||`), so nothing is left to them.
pub(super) fn operand(expr: Expr) -> Expr {
    if level(&expr) == Level::Primary { expr } else { Expr::Nested(Box::new(expr)) }
}

pub(super) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    let own = level_of(&op);
    let logical = matches!(own, Level::And | Level::Or);
    let concat = op == BinaryOperator::StringConcat;
    let alike = |inner: &BinaryOperator| match own {
        Level::Sum | Level::Product => {
            level_of(inner) == own && (*inner == BinaryOperator::StringConcat) == concat
        }
        _ => logical && *inner == op,
    };
    let bare = |e: &Expr, is_left: bool| match e {
        // A chain of one kind of operator stays flat, or its print would nest as deep as it is long.
        Expr::BinaryOp { op: inner, .. } if is_left && alike(inner) => true,
        e => logical && level(e) == Level::Predicate,
    };
    let place = |e: Expr, is_left: bool| Box::new(if bare(&e, is_left) { e } else { operand(e) });
    let (left, right) = (place(left, true), place(right, false));
    Expr::BinaryOp { left, op, right }
}

pub(super) fn alias(name: &str, columns: &[String]) -> TableAlias {
    TableAlias {
        explicit: true,
        name: Ident::new(name),
        columns: columns.iter().map(TableAliasColumnDef::from_name).collect(),
    }
}

/// A SELECT of these columns, called `c0`, `c1` and so on.
pub(super) fn select(columns: Vec<Expr>, from: Vec<TableWithJoins>) -> Select {
    let named = |(i, expr)| SelectItem::ExprWithAlias { expr, alias: Ident::new(column_name(i)) };
    Select {
        select_token: AttachedToken::empty(),
        optimizer_hint: None,
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection: columns.into_iter().enumerate().map(named).collect(),
        exclude: None,
        into: None,
        from,
        lateral_views: Vec::new(),
        prewhere: None,
        selection: None,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }
}

/// What the rewrite calls a result's column.
pub(super) fn column_name(i: usize) -> String {
    format!("c{i}")
}

pub(super) const fn query(body: Box<SetExpr>) -> Query {
    Query {
        with: None,
        body,
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

/// The name that an identifier spells.
pub(super) fn name(ident: &Ident) -> String {
    match ident.quote_style {
        Some(q) => ident.value.replace(&format!("{q}{q}"), &q.to_string()),
        None => ident.value.clone(),
    }
}
