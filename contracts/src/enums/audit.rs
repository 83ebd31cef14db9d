//! Words of the column audit.

text_enum! {
    /// Whether a column was ever used.
    ColumnVerdict {
        /// Some row says something with it.
        Populated = "populated",
        /// There is no row that could.
        EmptyTable = "empty-table",
        /// There are rows, and in all of them it is null or its default.
        NeverPopulated = "never-populated",
    }
}
