// Stands in for what Apple's Foundation has and the open one for Linux lacks: `URLSession.bytes(for:)`, with the
// signature of developer.apple.com. Implicitly imported, so that the guide's text compiles as it stands.
@_exported import Foundation
@_exported import FoundationNetworking

extension URLSession {
    public struct AsyncBytes: Sendable {
        let chunks: AsyncThrowingStream<Data, Error>
        public var lines: AsyncThrowingStream<String, Error> {
            AsyncThrowingStream { continuation in
                let task = Task {
                    var rest = Data()
                    do {
                        for try await chunk in chunks {
                            rest.append(chunk)
                            while let end = rest.firstIndex(of: 10) {
                                let line = rest[rest.startIndex..<end]
                                rest = Data(rest[rest.index(after: end)...])
                                // Apple's sequence of lines leaves out empty ones too.
                                if !line.isEmpty { continuation.yield(String(decoding: line, as: UTF8.self)) }
                            }
                        }
                        continuation.finish()
                    } catch {
                        continuation.finish(throwing: error)
                    }
                }
                continuation.onTermination = { _ in task.cancel() }
            }
        }
    }

    public func bytes(for request: URLRequest, delegate: URLSessionTaskDelegate? = nil) async throws -> (AsyncBytes, URLResponse) {
        let receiver = Receiver()
        let session = URLSession(configuration: .default, delegate: receiver, delegateQueue: nil)
        session.dataTask(with: request).resume()
        session.finishTasksAndInvalidate()
        return (AsyncBytes(chunks: receiver.chunks), try await receiver.response())
    }
}

private final class Receiver: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    let chunks: AsyncThrowingStream<Data, Error>
    private let chunk: AsyncThrowingStream<Data, Error>.Continuation
    private let responses: AsyncThrowingStream<URLResponse, Error>
    private let respond: AsyncThrowingStream<URLResponse, Error>.Continuation

    override init() {
        (chunks, chunk) = AsyncThrowingStream.makeStream()
        (responses, respond) = AsyncThrowingStream.makeStream()
    }

    func response() async throws -> URLResponse {
        for try await response in responses { return response }
        throw URLError(.badServerResponse)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        respond.yield(response)
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        chunk.yield(data)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: Error?) {
        respond.finish(throwing: error ?? URLError(.badServerResponse))
        chunk.finish(throwing: error)
    }
}
