/// What an app would do with the TacoClient of the guide: `guide BASE TOKEN_URL PHOTO QUESTION`. Prints one line of JSON.
import Foundation

let arguments = CommandLine.arguments
let (base, tokenUrl, photo, question) = (arguments[1], arguments[2], arguments[3], arguments[4])

final class Seen: @unchecked Sendable {
    private let lock = NSLock()
    private var numbers: [Int] = []
    func add(_ number: Int) { lock.withLock { numbers.append(number) } }
    var all: [Int] { lock.withLock { numbers } }
}

let client = TacoClient(base: URL(string: base)!) {
    let (data, _) = try await URLSession.shared.data(for: URLRequest(url: URL(string: tokenUrl)!))
    return String(decoding: data, as: UTF8.self)
}
let image = try await client.upload(try Data(contentsOf: URL(fileURLWithPath: photo)))
let seen = Seen()
let run = try await client.ask(question, image: image.id) { event in
    if let seq = event.seq { seen.add(seq) }
}
let summary: [String: Any] = [
    "run": ["id": run.id, "status": run.status, "answer": run.answer ?? ""], "seen": seen.all,
]
print(String(decoding: try JSONSerialization.data(withJSONObject: summary), as: UTF8.self))
