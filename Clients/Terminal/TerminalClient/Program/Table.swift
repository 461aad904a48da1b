/// Columns as wide as their widest cell; every cell made harmless.
enum Table {
    static func text(_ header: [String], _ rows: [[String]]) -> String {
        let lines = [header] + rows.map { $0.map(SafeText.line) }
        let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            var line = zip(cells, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
