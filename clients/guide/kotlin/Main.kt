/** What an app would do with the TacoClient of the guide: `Main BASE TOKEN_URL PHOTO QUESTION`. Prints one line of JSON. */
import java.io.File
import java.net.URI
import kotlinx.serialization.json.*

fun main(args: Array<String>) {
    val (base, tokenUrl, photo, question) = args
    val client = TacoClient(base) { URI(tokenUrl).toURL().readText() }
    val image = client.upload(File(photo).readBytes())
    val seen = mutableListOf<JsonElement>()
    val run = client.ask(question, image) { event -> event["seq"]?.let { seen.add(it) } }
    println(buildJsonObject { put("run", run); put("seen", JsonArray(seen)) })
    // The idle connections of OkHttp would keep the process for a minute.
    System.exit(0)
}
